import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Download, File, Folder, Right } from "@/components/icons";
import type { FileInfo } from "@/lib/api-types";
import { bytes } from "@/lib/format";
import styles from "./artifacts.module.css";
import { listArtifacts } from "./list-artifacts";
import { archiveAddress } from "./read-artifact";

interface Props {
  runId: string;
  path: string;
  chosen: string;
  onChoose: (path: string) => void;
}

/** A folder's files and folders; a folder is read when it is opened. */
export function ArtifactTree({ runId, path, chosen, onChoose }: Props) {
  const { data, error } = useQuery(listArtifacts(runId, path));
  if (error) return <p className={styles.error}>{error.message}</p>;
  return (
    <ul className={styles.tree}>
      {data?.map((file) =>
        file.is_dir ? (
          <Branch key={file.path} {...{ runId, chosen, onChoose }} path={file.path} />
        ) : (
          <Leaf key={file.path} file={file} chosen={chosen === file.path} onChoose={onChoose} />
        ),
      )}
    </ul>
  );
}

const lastPart = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

function Branch({ runId, path, chosen, onChoose }: Props) {
  const [open, setOpen] = useState(chosen.startsWith(`${path}/`));
  return (
    <li>
      <div className={styles.branch}>
        <button
          type="button"
          className={styles.entry}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <span className={styles.fold} data-open={open}>
            <Right />
          </span>
          <Folder />
          <span>{lastPart(path)}</span>
        </button>
        <a
          href={archiveAddress(runId, path)}
          download
          aria-label={`Download ${path} as a ZIP file`}
          title="Download the folder as a ZIP file"
        >
          <Download />
        </a>
      </div>
      {open && <ArtifactTree {...{ runId, path, chosen, onChoose }} />}
    </li>
  );
}

interface LeafProps {
  file: FileInfo;
  chosen: boolean;
  onChoose: (path: string) => void;
}

function Leaf({ file, chosen, onChoose }: LeafProps) {
  return (
    <li>
      <button
        type="button"
        className={styles.entry}
        aria-current={chosen}
        title={file.path}
        onClick={() => onChoose(file.path)}
      >
        <span className={styles.fold} />
        <File />
        <span>{lastPart(file.path)}</span>
        <small>{bytes(file.file_size ?? 0)}</small>
      </button>
    </li>
  );
}
