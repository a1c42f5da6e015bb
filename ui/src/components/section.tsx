import type { ReactNode } from "react";
import styles from "./section.module.css";

interface Props {
  id: string;
  title: string;
  count?: number;
  aside?: ReactNode;
  children: ReactNode;
}

/** A part of a page with its own address (`#id`). */
export function Section({ id, title, count, aside, children }: Props) {
  return (
    <section id={id} className={styles.section} aria-labelledby={`${id}-title`}>
      <header>
        <h2 id={`${id}-title`}>
          {title}
          {count !== undefined && <small>{count.toLocaleString("en")}</small>}
        </h2>
        {aside}
      </header>
      {children}
    </section>
  );
}
