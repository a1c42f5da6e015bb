import { useMemo } from "react";
import { SIZES } from "@/components/chart/chart-size";
import { Empty } from "@/components/empty";
import { SearchBox } from "@/components/search-box";
import { AxisLine } from "@/features/metrics/axis-line";
import { MetricGrid } from "@/features/metrics/metric-grid";
import { matcher } from "@/lib/fields";
import { useChartView } from "./chart-view";
import { useCompareView } from "./compare-view";
import styles from "./run.module.css";

const MOST_DRAWN = 24;

/** Each metric of the compared runs over one axis. */
export function CompareCharts() {
  const { search, data = [], runs, running, change } = useCompareView();
  const { q = "" } = search;
  const { onAxis, size, onSize, ...chart } = useChartView(search, change);
  const keys = useMemo(
    () => [...new Set(data.flatMap((run) => run.data.metrics?.map(({ key }) => key) ?? []))].sort(),
    [data],
  );
  const found = useMemo(() => keys.filter(matcher(q)), [keys, q]);
  const source = useMemo(
    () => ({ runs: runs.slice(0, MOST_DRAWN), live: running }),
    [runs, running],
  );
  return (
    <>
      <div className={styles.tools}>
        <SearchBox
          label="Find metrics: text, * or /regex/"
          value={q}
          onChange={(next) => change({ q: next })}
        />
        <AxisLine axis={chart.axis} metrics={keys} size={size} onChange={onAxis} onSize={onSize} />
        {runs.length > MOST_DRAWN && (
          <span className="dim">
            The first {MOST_DRAWN} of {runs.length} runs are drawn.
          </span>
        )}
      </div>
      {found.length === 0 ? (
        <Empty title={q ? "No metric has such a name" : "No metrics to draw"} />
      ) : (
        <MetricGrid metrics={found} source={source} {...chart} size={SIZES[size]} />
      )}
    </>
  );
}
