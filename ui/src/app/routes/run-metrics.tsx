import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { Empty } from "@/components/empty";
import { SearchBox } from "@/components/search-box";
import { readAxis, writeAxis } from "@/features/metrics/axis";
import { AxisLine } from "@/features/metrics/axis-line";
import { MetricGrid } from "@/features/metrics/metric-grid";
import { getRun } from "@/features/runs/get-run";
import { matcher } from "@/lib/fields";
import { count } from "@/lib/format";
import { shownName } from "@/lib/run-name";
import styles from "./run.module.css";

const route = getRouteApi("/experiments/$experimentId/runs/$runId/metrics");

export function RunMetrics() {
  const { runId } = route.useParams();
  const { q = "", axis: text } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: run } = useSuspenseQuery(getRun(runId));
  const axis = useMemo(() => readAxis(text), [text]);
  const keys = run.data.metrics?.map(({ key }) => key).join("\n") ?? "";
  const found = useMemo(() => (keys ? keys.split("\n").filter(matcher(q)) : []), [keys, q]);
  const name = shownName(run.info);
  const runs = useMemo(() => [{ id: runId, name, place: 0 }], [runId, name]);
  const change = (part: { q?: string; axis?: string }) =>
    navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  return (
    <>
      <div className={styles.tools}>
        <SearchBox
          label="Find metrics: text, * or /regex/"
          value={q}
          onChange={(next) => change({ q: next })}
        />
        <AxisLine axis={axis} onChange={(next) => change({ axis: writeAxis(next) })} />
        <span className="dim">
          {q && `${count(found.length)} of ${count(run.data.metrics?.length ?? 0)} metrics`}
        </span>
      </div>
      {found.length === 0 ? (
        <Empty title={keys ? "No metric has such a name" : "No metrics yet"} />
      ) : (
        <MetricGrid metrics={found} runs={runs} axis={axis} live={run.info.status === "RUNNING"} />
      )}
    </>
  );
}
