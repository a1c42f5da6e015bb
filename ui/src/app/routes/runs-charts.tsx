import { useMemo } from "react";
import { readAxis, writeAxis } from "@/features/metrics/axis";
import { AxisLine } from "@/features/metrics/axis-line";
import { MetricPanel } from "@/features/metrics/metric-panel";
import type { Listed } from "@/features/runs/run-pages";
import type { Unfolded } from "@/features/runs/unfold";
import type { RunRow } from "@/lib/api-types";
import styles from "./runs.module.css";
import type { useRunsView } from "./runs-view";

const MOST_DRAWN = 24;
const ID_SHOWN = 8;

interface Props {
  view: ReturnType<typeof useRunsView>;
  places: ReadonlyMap<string, number>;
  listed: Listed | undefined;
  unfolded: readonly Unfolded[];
}

/** The metrics of the selected runs, beside the table: one chart for each metric that it shows. */
export function RunsCharts({ view, places, listed, unfolded }: Props) {
  const axis = useMemo(() => readAxis(view.axis), [view.axis]);
  const metrics = useMemo(
    () => [
      ...new Set(
        view.columns.filter(({ group }) => group === "metric").map(({ field }) => field.key),
      ),
    ],
    [view.columns],
  );
  const rows = useMemo(
    () => [
      ...(listed?.rows.values() ?? []),
      ...unfolded.flatMap(({ lines }) => lines.map((l) => l.row)),
    ],
    [listed, unfolded],
  );
  const running = rows.some((row) => row.status === "RUNNING" && places.has(row.run_id));
  const runs = useChartRuns(rows, places);
  return (
    <aside className={styles.charts} aria-label="Charts of the selected runs">
      <AxisLine axis={axis} onChange={(next) => view.change({ axis: writeAxis(next) })} />
      {places.size > MOST_DRAWN && (
        <p className="dim">
          The first {MOST_DRAWN} of {places.size} selected runs are drawn.
        </p>
      )}
      {metrics.map((metric) => (
        <MetricPanel key={`${metric} ${axis.x}`} {...{ metric, runs, axis }} live={running} />
      ))}
      {metrics.length === 0 && <p className="dim">Show a metric's column to draw it here.</p>}
    </aside>
  );
}

/** The selected runs with their names, the same list while nothing of it changes. */
function useChartRuns(rows: readonly RunRow[], places: ReadonlyMap<string, number>) {
  const names = new Map(rows.map((row) => [row.run_id, row.run_name]));
  const runs = [...places].slice(0, MOST_DRAWN).map(([id, place]) => ({
    id,
    place,
    name: names.get(id) || id.slice(0, ID_SHOWN),
  }));
  const text = JSON.stringify(runs);
  return useMemo(() => JSON.parse(text) as typeof runs, [text]);
}
