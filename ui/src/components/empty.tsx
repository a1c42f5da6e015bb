import type { ReactNode } from "react";
import styles from "./states.module.css";

/** What stands where nothing is, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <section className={styles.state}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}
