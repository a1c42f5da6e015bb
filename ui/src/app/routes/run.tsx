import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, Outlet } from "@tanstack/react-router";
import { Ago } from "@/components/ago";
import { Failure } from "@/components/failure";
import { SkeletonRows } from "@/components/skeleton-rows";
import { changeRuns } from "@/features/runs/change-runs";
import { useRunEdits } from "@/features/runs/edit-run";
import { EditableName } from "@/features/runs/editable-name";
import { getRun } from "@/features/runs/get-run";
import { RunStatus } from "@/features/runs/run-status";
import { isSystem } from "@/features/runs/system-metrics";
import { Took } from "@/features/runs/took";
import type { Run } from "@/lib/api-types";
import { count } from "@/lib/format";
import { shownName } from "@/lib/run-name";
import { useTitle } from "@/lib/title";
import styles from "./run.module.css";

const route = getRouteApi("/experiments/$experimentId/runs/$runId");

/** A run; its parts are pages of their own below one head. */
export function RunPage() {
  const { runId } = route.useParams();
  const { data, error, refetch } = useQuery(getRun(runId));
  useTitle(data ? shownName(data.info) : "Run");
  if (error && !data) return <Failure error={error} retry={refetch} />;
  if (!data) {
    return (
      <div className={styles.page}>
        <SkeletonRows rows={12} />
      </div>
    );
  }
  return (
    <div className={styles.page}>
      <Head run={data} />
      <Tabs run={data} />
      <Outlet />
    </div>
  );
}

function Head({ run }: { run: Run }) {
  const { info } = run;
  const queries = useQueryClient();
  const { rename } = useRunEdits(run);
  const deleted = info.lifecycle_stage === "deleted";
  const change = () => changeRuns(queries, deleted ? "restore" : "delete", [info.run_id]);
  return (
    <header className={styles.head}>
      <div className={styles.grow}>
        <EditableName name={shownName(info)} onSave={rename} />
        <p className="dim">
          <RunStatus status={info.status} word /> · started <Ago time={info.start_time} /> ·{" "}
          <Took start={info.start_time} end={info.end_time} />
          {info.user_id && <> · by {info.user_id}</>}
          {deleted && <b className={styles.deleted}> · deleted</b>}
        </p>
      </div>
      <Button onClick={change}>{deleted ? "Restore" : "Delete"}</Button>
    </header>
  );
}

function Tabs({ run }: { run: Run }) {
  const params = { experimentId: run.info.experiment_id, runId: run.info.run_id };
  const all = run.data.metrics ?? [];
  const metrics = all.filter(({ key }) => !isSystem(key)).length;
  return (
    <nav className={styles.tabs} aria-label="Parts of the run">
      <Link
        to="/experiments/$experimentId/runs/$runId"
        params={params}
        activeOptions={{ exact: true, includeSearch: false }}
      >
        Overview
      </Link>
      <Link to="/experiments/$experimentId/runs/$runId/metrics" params={params}>
        Charts {metrics > 0 && <small>{count(metrics)}</small>}
      </Link>
      {metrics < all.length && (
        <Link to="/experiments/$experimentId/runs/$runId/system" params={params}>
          System
        </Link>
      )}
      <Link to="/experiments/$experimentId/runs/$runId/console" params={params}>
        Console
      </Link>
      <Link to="/experiments/$experimentId/runs/$runId/code" params={params}>
        Code
      </Link>
      <Link to="/experiments/$experimentId/runs/$runId/artifacts" params={params}>
        Artifacts
      </Link>
    </nav>
  );
}
