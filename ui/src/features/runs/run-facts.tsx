import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { CopyButton } from "@/components/copy-button";
import { Section } from "@/components/section";
import type { Run } from "@/lib/api-types";
import { exactTime } from "@/lib/format";
import { shownName } from "@/lib/run-name";
import { getRun } from "./get-run";
import styles from "./run-parts.module.css";

const COMMIT_SHOWN = 10;

/** Where a run comes from and where its things are. */
export function RunFacts({ run }: { run: Run }) {
  const { info, data } = run;
  const tag = (key: string) => data.tags?.find((one) => one.key === key)?.value;
  const commit = tag("mlflow.source.git.commit");
  const command = tag("mlflow.project.command") ?? tag("headrace.source.command");
  const branch = tag("mlflow.source.git.branch") ?? tag("mlflow.gitBranch");
  const repository = tag("mlflow.source.git.repoURL") ?? tag("mlflow.gitRepoURL");
  const parent = tag("mlflow.parentRunId");
  return (
    <Section id="details" title="Details">
      <dl className={styles.facts}>
        <Fact name="Run id" copy={info.run_id}>
          <span className="mono">{info.run_id}</span>
        </Fact>
        <Fact name="Started">{exactTime(info.start_time)}</Fact>
        {info.end_time && <Fact name="Ended">{exactTime(info.end_time)}</Fact>}
        {tag("mlflow.source.name") && (
          <Fact name="Source">
            <span className="mono">{tag("mlflow.source.name")}</span>
          </Fact>
        )}
        {command && (
          <Fact name="Command" copy={command}>
            <span className="mono">{command}</span>
          </Fact>
        )}
        {commit && (
          <Fact name="Commit" copy={commit}>
            <span className="mono">{commit.slice(0, COMMIT_SHOWN)}</span>
          </Fact>
        )}
        {branch && <Fact name="Branch">{branch}</Fact>}
        {repository && (
          <Fact name="Repository" copy={repository}>
            {repository}
          </Fact>
        )}
        {info.artifact_uri && (
          <Fact name="Artifacts" copy={info.artifact_uri}>
            <span className="mono">{info.artifact_uri}</span>
          </Fact>
        )}
        {parent && (
          <Fact name="Parent">
            <RunLink runId={parent} experimentId={info.experiment_id} />
          </Fact>
        )}
      </dl>
    </Section>
  );
}

function Fact({ name, copy, children }: { name: string; copy?: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {children}
        {copy && <CopyButton text={copy} what={name.toLowerCase()} />}
      </dd>
    </>
  );
}

function RunLink({ runId, experimentId }: { runId: string; experimentId: string }) {
  const { data } = useQuery(getRun(runId));
  return (
    <Link
      className="link"
      to="/experiments/$experimentId/runs/$runId"
      params={{ runId, experimentId: data?.info.experiment_id ?? experimentId }}
    >
      {data ? shownName(data.info) : runId}
    </Link>
  );
}
