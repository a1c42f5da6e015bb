import styles from "./skeleton-rows.module.css";

const WIDTHS = ["62%", "48%", "71%", "55%", "66%", "43%", "58%", "50%"];

/** The shape of the rows to come. */
export function SkeletonRows({ rows }: { rows: number }) {
  return (
    <div className={styles.rows} role="status" aria-busy="true" aria-label="Loading">
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all the same
        <div key={i} className={styles.row}>
          <span style={{ width: WIDTHS[i % WIDTHS.length] }} />
          <span />
          <span />
        </div>
      ))}
    </div>
  );
}
