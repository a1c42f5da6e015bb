import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Section } from "@/components/section";
import { getRun } from "@/features/runs/get-run";
import type { ModelVersion } from "@/lib/api-types";
import { shownName } from "@/lib/run-name";
import styles from "./registry.module.css";

/** From the data over the run to the version. */
export function Lineage({ version }: { version: ModelVersion }) {
  const run = useQuery({ ...getRun(version.run_id ?? ""), enabled: Boolean(version.run_id) }).data;
  return (
    <Section id="lineage" title="Lineage">
      <div className={styles.lineage}>
        {run?.inputs?.dataset_inputs?.map(({ dataset }) => (
          <span key={`${dataset.name} ${dataset.digest}`}>
            {dataset.name} <span className="mono faint">{dataset.digest}</span>
          </span>
        ))}
        {run && (
          <span>
            <Link
              className="link"
              to="/experiments/$experimentId/runs/$runId"
              params={{ experimentId: run.info.experiment_id, runId: run.info.run_id }}
            >
              {shownName(run.info)}
            </Link>
          </span>
        )}
        <span className="mono">{version.source}</span>
        <b>version {version.version}</b>
      </div>
    </Section>
  );
}
