import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { SIZES } from "@/components/chart/chart-size";
import { SizeChoice } from "@/components/chart/size-choice";
import { Empty } from "@/components/empty";
import { SearchBox } from "@/components/search-box";
import { AxisLine } from "@/features/metrics/axis-line";
import { MetricGrid } from "@/features/metrics/metric-grid";
import { getRun } from "@/features/runs/get-run";
import { matcher } from "@/lib/fields";
import { count } from "@/lib/format";
import { shownName } from "@/lib/run-name";
import { type ChartSearch, useChartView } from "./chart-view";
import styles from "./run.module.css";

const route = getRouteApi("/experiments/$experimentId/runs/$runId/metrics");

export function RunMetrics() {
  const { runId } = route.useParams();
  const search = route.useSearch();
  const { q = "" } = search;
  const navigate = route.useNavigate();
  const { data: run } = useSuspenseQuery(getRun(runId));
  const keys = run.data.metrics?.map(({ key }) => key).join("\n") ?? "";
  const found = useMemo(() => (keys ? keys.split("\n").filter(matcher(q)) : []), [keys, q]);
  const name = shownName(run.info);
  const live = run.info.status === "RUNNING";
  const source = useMemo(
    () => ({ runs: [{ id: runId, name, place: 0 }], live }),
    [runId, name, live],
  );
  const change = (part: ChartSearch & { q?: string }) =>
    navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  const { onAxis, size, onSize, ...view } = useChartView(search, change);
  return (
    <>
      <div className={styles.tools}>
        <SearchBox
          label="Find metrics: text, * or /regex/"
          value={q}
          onChange={(next) => change({ q: next })}
        />
        <AxisLine axis={view.layout.axis} metrics={found} onChange={onAxis}>
          <SizeChoice size={size} onChange={onSize} />
        </AxisLine>
        <span className="dim">
          {q && `${count(found.length)} of ${count(run.data.metrics?.length ?? 0)} metrics`}
        </span>
      </div>
      {found.length === 0 ? (
        <Empty title={keys ? "No metric has such a name" : "No metrics yet"} />
      ) : (
        <MetricGrid metrics={found} source={source} {...view} size={SIZES[size]} />
      )}
    </>
  );
}
