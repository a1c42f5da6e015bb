import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { readAxis, writeAxis } from "@/features/metrics/axis";
import { AxisLine } from "@/features/metrics/axis-line";
import { MetricPanel } from "@/features/metrics/metric-panel";
import { runsById } from "@/features/runs/tabulate-runs";
import { shownName } from "@/lib/run-name";
import styles from "./runs.module.css";
import type { useRunsView } from "./runs-view";

const MOST_DRAWN = 24;
const ID_SHOWN = 8;

interface Props {
  view: ReturnType<typeof useRunsView>;
  places: ReadonlyMap<string, number>;
}

/** The metrics of the selected runs, beside the table: one chart for each metric that it shows. */
export function RunsCharts({ view, places }: Props) {
  const axis = useMemo(() => readAxis(view.axis), [view.axis]);
  const metrics = useMemo(
    () => [
      ...new Set(
        view.columns.filter(({ group }) => group === "metric").map(({ field }) => field.key),
      ),
    ],
    [view.columns],
  );
  const drawn = useMemo(() => [...places].slice(0, MOST_DRAWN), [places]);
  const known = useQuery(
    runsById(
      view.question.all,
      drawn.map(([id]) => id),
    ),
  ).data;
  const running = known?.some((row) => row.status === "RUNNING") ?? false;
  const runs = useMemo(() => {
    const names = new Map(known?.map((row) => [row.run_id, shownName(row)]));
    return drawn.map(([id, place]) => ({
      id,
      place,
      name: names.get(id) || id.slice(0, ID_SHOWN),
    }));
  }, [drawn, known]);
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
