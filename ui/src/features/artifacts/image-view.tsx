import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { count } from "@/lib/format";
import styles from "./artifacts.module.css";
import { imageRows, type Picture } from "./image-rows";
import { listArtifacts } from "./list-artifacts";
import { artifactAddress } from "./read-artifact";

const SERIES_FOLDER = "images";

/** A picture of a run; of a series that was logged by step, any of its steps. */
export function ImageView({ runId, path }: { runId: string; path: string }) {
  const { data } = useQuery({
    ...listArtifacts(runId, SERIES_FOLDER),
    enabled: path.startsWith(`${SERIES_FOLDER}/`),
  });
  const rows = imageRows([data?.map((file) => file.path) ?? []]);
  const pictures = rows.flatMap((row) => row.pictures).find((row) => places(row, path) >= 0) ?? [];
  if (pictures.length < 2)
    return <img className={styles.image} src={artifactAddress(runId, path)} alt={path} />;
  return <Series key={path} {...{ runId, pictures }} start={places(pictures, path)} />;
}

const places = (row: readonly Picture[], path: string): number =>
  row.findIndex((picture) => picture.path === path);

interface SeriesProps {
  runId: string;
  pictures: readonly Picture[];
  start: number;
}

function Series({ runId, pictures, start }: SeriesProps) {
  const [at, setAt] = useState(start);
  const picture = pictures[at];
  if (!picture) return null;
  const told = `Step ${count(picture.step ?? 0)}`;
  return (
    <>
      <label className={styles.steps}>
        <span>{told}</span>
        <input
          type="range"
          aria-label="Step"
          aria-valuetext={told}
          min={0}
          max={pictures.length - 1}
          value={at}
          onChange={(event) => setAt(Number(event.currentTarget.value))}
        />
      </label>
      <img className={styles.image} src={artifactAddress(runId, picture.path)} alt={picture.path} />
    </>
  );
}
