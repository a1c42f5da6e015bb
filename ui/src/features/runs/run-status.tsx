import type { RunRow } from "@/lib/api-types";
import styles from "./run-status.module.css";

type Status = RunRow["status"];

const SIGNS: Record<Status, readonly [sign: string, word: string]> = {
  FINISHED: ["✓", "Finished"],
  RUNNING: ["◐", "Running"],
  FAILED: ["✕", "Failed"],
  KILLED: ["⊘", "Killed"],
  SCHEDULED: ["○", "Scheduled"],
};

/** A run's status as a sign, its word for those who hover or listen; the word beside it if asked. */
export function RunStatus({ status, word = false }: { status: Status; word?: boolean }) {
  const [sign, name] = SIGNS[status] ?? ["?", status];
  return (
    <span className={styles.status} data-status={status} title={word ? undefined : name}>
      <span aria-hidden="true">{sign}</span>
      <span className={word ? styles.word : "visually-hidden"}>{name}</span>
    </span>
  );
}
