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
