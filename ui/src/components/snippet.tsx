import { CopyButton } from "./copy-button";
import styles from "./states.module.css";

/** Code to copy. */
export function Snippet({ code }: { code: string }) {
  return (
    <div className={styles.snippet}>
      <pre>{code}</pre>
      <CopyButton text={code} what="the code" />
    </div>
  );
}
