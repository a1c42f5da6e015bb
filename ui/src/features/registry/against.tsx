import { useQuery } from "@tanstack/react-query";
import { Section } from "@/components/section";
import { getRun } from "@/features/runs/get-run";
import type { ModelVersion } from "@/lib/api-types";
import { short } from "@/lib/format";
import { changesOf, shareText } from "./changes";
import styles from "./registry.module.css";

interface Props {
  version: ModelVersion;
  /** The version that is compared with: the one in production. */
  other: ModelVersion;
}

/** The metrics of the version's run beside those of the run behind the version in production. */
export function Against({ version, other }: Props) {
  const mine = useQuery({ ...getRun(version.run_id ?? ""), enabled: Boolean(version.run_id) });
  const theirs = useQuery({ ...getRun(other.run_id ?? ""), enabled: Boolean(other.run_id) });
  const changes = changesOf(theirs.data?.data.metrics ?? [], mine.data?.data.metrics ?? []);
  if (changes.length === 0) return null;
  const title = `Against ${other.current_stage} (version ${other.version})`;
  return (
    <Section id="against" title={title} count={changes.length}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th>metric</th>
            <th className={styles.number}>version {other.version}</th>
            <th className={styles.number}>version {version.version}</th>
            <th className={styles.number}>change</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ key, before, now, share }) => (
            <tr key={key}>
              <td>{key}</td>
              <td className={styles.number}>{before === undefined ? "" : short(before)}</td>
              <td className={styles.number}>
                <b>{now === undefined ? "" : short(now)}</b>
              </td>
              <td className={styles.number}>{share === undefined ? "" : shareText(share)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
