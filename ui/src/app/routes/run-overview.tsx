import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { MetricTable } from "@/features/metrics/metric-table";
import { ChildRuns } from "@/features/runs/child-runs";
import { Datasets } from "@/features/runs/datasets";
import { useRunEdits } from "@/features/runs/edit-run";
import { getRun } from "@/features/runs/get-run";
import { Note } from "@/features/runs/note";
import { ParamTable } from "@/features/runs/param-table";
import { RunFacts } from "@/features/runs/run-facts";
import { RunModels } from "@/features/runs/run-models";
import { isSystem } from "@/features/runs/system-metrics";
import { TagTable } from "@/features/runs/tag-table";
import styles from "./run.module.css";

const route = getRouteApi("/experiments/$experimentId/runs/$runId");
const NOTE = "mlflow.note.content";

export function RunOverview() {
  const { experimentId, runId } = route.useParams();
  const { data: run } = useSuspenseQuery(getRun(runId));
  const navigate = useNavigate();
  const { setTag, deleteTag } = useRunEdits(run);
  const { params = [], metrics = [], tags = [] } = run.data;
  const logged = useMemo(() => metrics.filter(({ key }) => !isSystem(key)), [metrics]);
  const openMetric = (key: string) =>
    navigate({
      to: "/experiments/$experimentId/runs/$runId/metrics",
      params: { experimentId, runId },
      search: { q: key },
    });
  return (
    <div className={styles.overview}>
      <div className={styles.wide}>
        <MetricTable
          runId={runId}
          metrics={logged}
          live={run.info.status === "RUNNING"}
          onOpen={openMetric}
        />
        <ParamTable params={params} />
      </div>
      <div className={styles.side}>
        <RunFacts run={run} />
        <Note
          text={tags.find(({ key }) => key === NOTE)?.value ?? ""}
          onSave={(value) => setTag(NOTE, value, "Note")}
        />
        <TagTable
          tags={tags.filter(({ key }) => key !== NOTE)}
          onSet={setTag}
          onDelete={deleteTag}
        />
        <Datasets inputs={run.inputs?.dataset_inputs ?? []} />
        <RunModels run={run} />
        <ChildRuns run={run} />
      </div>
    </div>
  );
}
