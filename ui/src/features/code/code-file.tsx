import { useQuery } from "@tanstack/react-query";
import { Section } from "@/components/section";
import { readArtifact, SHOWN_BYTES } from "@/features/artifacts/read-artifact";
import { bytes } from "@/lib/format";
import { PatchView } from "./patch-view";
import styles from "./patch-view.module.css";

const PATCH = /\.(patch|diff)$/;

/** A file of code that a run recorded: what a patch changes, or the text. */
export function CodeFile({ runId, path }: { runId: string; path: string }) {
  const { data, error } = useQuery(readArtifact(runId, path));
  return (
    <Section id={path} title={path}>
      {error && <p className="dim">{error.message}</p>}
      {data && !data.whole && <p className="dim">The first {bytes(SHOWN_BYTES)} of the file.</p>}
      {data &&
        (PATCH.test(path) ? (
          <PatchView text={data.text} />
        ) : (
          <pre className={styles.plain}>{data.text}</pre>
        ))}
    </Section>
  );
}
