import type { CompareRow } from "@/features/compare/rows";
import styles from "./facts.module.css";

/** What is known of one run, each fact beside its name. */
export function Facts({ rows }: { rows: readonly CompareRow[] }) {
  return (
    <dl className={styles.facts}>
      {rows.map(({ key, cells }) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd className="mono">{cells[0]?.text}</dd>
        </div>
      ))}
    </dl>
  );
}
