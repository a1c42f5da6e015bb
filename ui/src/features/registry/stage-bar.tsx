import type { ModelVersion } from "@/lib/api-types";
import styles from "./registry.module.css";

interface Props {
  stages: readonly string[];
  version: ModelVersion;
  /** The highest version in each stage. */
  latest: readonly ModelVersion[];
}

/** Where the version stands among the stages, and which versions stand in the others. */
export function StageBar({ stages, version, latest }: Props) {
  return (
    <ol className={styles.stages} aria-label="Stages">
      {stages.map((stage) => {
        const here = stage === version.current_stage;
        const other = latest.find((one) => one.current_stage === stage);
        return (
          <li key={stage} aria-current={here ? "step" : undefined}>
            {stage}
            {!here && other && stage !== stages[0] && <small> now: version {other.version}</small>}
          </li>
        );
      })}
    </ol>
  );
}
