import { Button } from "@mantine/core";
import { Refusal } from "@/lib/call";
import styles from "./states.module.css";

/** What went wrong, in the server's words, and the way to try again. */
export function Failure({ error, retry }: { error: Error; retry: () => void }) {
  const missing = error instanceof Refusal && error.status === 404;
  return (
    <section className={styles.state} role="alert">
      <h2>{missing ? "Not found" : "This could not be loaded"}</h2>
      <pre className={styles.reason}>{error.message}</pre>
      <p>
        <Button onClick={retry}>Try again</Button>
      </p>
    </section>
  );
}

/** The same in one line, above data that is still there. */
export function FailureLine({ error, retry }: { error: Error; retry: () => void }) {
  return (
    <p className={styles.line} role="alert">
      <span>What is shown may be out of date. {error.message}</span>
      <Button onClick={retry}>Try again</Button>
    </p>
  );
}
