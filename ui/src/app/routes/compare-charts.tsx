import { useMemo } from "react";
import { Empty } from "@/components/empty";
import { SearchBox } from "@/components/search-box";
import { readAxis, writeAxis } from "@/features/metrics/axis";
import { AxisLine } from "@/features/metrics/axis-line";
import { MetricGrid } from "@/features/metrics/metric-grid";
import { matcher } from "@/lib/fields";
import { useCompareView } from "./compare-view";
import styles from "./run.module.css";

const MOST_DRAWN = 24;

/** Each metric of the compared runs over one axis. */
export function CompareCharts() {
  const { search, data = [], runs, running, change } = useCompareView();
  const { q = "", axis: text } = search;
  const axis = useMemo(() => readAxis(text), [text]);
  const keys = useMemo(
    () => [...new Set(data.flatMap((run) => run.data.metrics?.map(({ key }) => key) ?? []))].sort(),
    [data],
  );
  const found = useMemo(() => keys.filter(matcher(q)), [keys, q]);
  const drawn = useMemo(() => runs.slice(0, MOST_DRAWN), [runs]);
  return (
    <>
      <div className={styles.tools}>
        <SearchBox
          label="Find metrics: text, * or /regex/"
          value={q}
          onChange={(next) => change({ q: next })}
        />
        <AxisLine axis={axis} onChange={(next) => change({ axis: writeAxis(next) })} />
        {runs.length > MOST_DRAWN && (
          <span className="dim">
            The first {MOST_DRAWN} of {runs.length} runs are drawn.
          </span>
        )}
      </div>
      {found.length === 0 ? (
        <Empty title={q ? "No metric has such a name" : "No metrics to draw"} />
      ) : (
        <MetricGrid metrics={found} runs={drawn} axis={axis} live={running} />
      )}
    </>
  );
}
