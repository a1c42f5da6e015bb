import { lazy, Suspense } from "react";
import styles from "./markdown.module.css";

const Body = lazy(() => import("./markdown-body"));

/** A text in Markdown, with GitHub's tables, lists of tasks and links; HTML in it is text. */
export function Markdown({ text }: { text: string }) {
  return (
    <Suspense fallback={<p className={styles.plain}>{text}</p>}>
      <Body text={text} />
    </Suspense>
  );
}
