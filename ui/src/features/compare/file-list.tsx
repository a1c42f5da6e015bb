import { bytes } from "@/lib/format";
import styles from "./file-list.module.css";

export interface FileEntry {
  readonly path: string;
  /** In bytes, for each of the two runs that has it. */
  readonly sizes: readonly (number | undefined)[];
}

interface Props {
  entries: readonly FileEntry[];
  chosen: string;
  onChoose: (path: string) => void;
}

/** The files of two runs in one list, with what can be said of them without reading them. */
export function FileList({ entries, chosen, onChoose }: Props) {
  return (
    <ul className={styles.list} aria-label="Files of both runs">
      {entries.map(({ path, sizes }) => (
        <li key={path}>
          <button type="button" aria-pressed={path === chosen} onClick={() => onChoose(path)}>
            <span title={path}>{path}</span>
            <small>{told(sizes)}</small>
          </button>
        </li>
      ))}
    </ul>
  );
}

function told([left, right]: readonly (number | undefined)[]): string {
  if (left === undefined) return "only beside";
  if (right === undefined) return "only in the baseline";
  return left === right ? bytes(left) : `${bytes(left)} → ${bytes(right)}`;
}
