import { useMemo } from "react";
import { ChartGrid } from "@/components/chart/chart-grid";
import { SIZES } from "@/components/chart/chart-size";
import { SizeChoice } from "@/components/chart/size-choice";
import { Empty } from "@/components/empty";
import { SearchBox } from "@/components/search-box";
import { AddChart } from "@/features/charts/add-chart";
import { ChartForm } from "@/features/charts/chart-form";
import { AxisLine } from "@/features/metrics/axis-line";
import { MetricPanel } from "@/features/metrics/metric-panel";
import type { Columns } from "@/lib/api-types";
import { AddedPanel, isAdded, type RunsShown, sectionsWith, useAddedCharts } from "./added-charts";
import { useChartView } from "./chart-view";
import { useCompareView } from "./compare-view";
import styles from "./run.module.css";

const MOST_DRAWN = 24;
const ANY = 3;

type CompareView = ReturnType<typeof useCompareView>;

/** Each metric of the compared runs over one axis, and charts of their values. */
export function CompareCharts() {
  const view = useCompareView();
  const { search, runs, running, change } = view;
  const { q = "" } = search;
  const { layout, folded, size, ...on } = useChartView(search, change);
  const known = useKnown(view);
  const added = useAddedCharts(search.add, change, known);
  const shown = useRunsShown(view);
  const colours = useMemo(() => new Map(runs.map(({ id, place }) => [id, place])), [runs]);
  const source = useMemo(
    () => ({ runs: runs.slice(0, MOST_DRAWN), live: running }),
    [runs, running],
  );
  const sections = useMemo(
    () => sectionsWith(added.charts, known.metrics ?? [], q),
    [added.charts, known, q],
  );
  return (
    <>
      <div className={styles.tools}>
        <SearchBox
          label="Find metrics: text, * or /regex/"
          value={q}
          onChange={(next) => change({ q: next })}
        />
        <AddChart onAdd={added.onAdd} />
        <AxisLine axis={layout.axis} metrics={known.metrics ?? []} onChange={on.onAxis}>
          <SizeChoice size={size} onChange={on.onSize} />
        </AxisLine>
        {runs.length > MOST_DRAWN && (
          <span className="dim">
            The first {MOST_DRAWN} of {runs.length} runs are drawn.
          </span>
        )}
      </div>
      {sections.length === 0 ? (
        <Empty title={q ? "No metric has such a name" : "No metrics to draw"} />
      ) : (
        <ChartGrid
          {...{ sections, folded }}
          size={SIZES[size]}
          onFold={on.onFold}
          draw={(item, height) =>
            isAdded(item) ? (
              <AddedPanel {...{ item, added, known, shown, colours, source, layout, height }} />
            ) : (
              <MetricPanel title={item} {...{ source, layout, height }} />
            )
          }
        />
      )}
      {added.form && <ChartForm {...added.form} />}
    </>
  );
}

/** The keys that the compared runs have between them. */
function useKnown({ data = [] }: CompareView): Columns {
  return useMemo(() => {
    const keys = (kind: "metrics" | "params" | "tags") =>
      [...new Set(data.flatMap((run) => run.data[kind]?.map(({ key }) => key) ?? []))].sort();
    return { metrics: keys("metrics"), params: keys("params"), tags: keys("tags") };
  }, [data]);
}

/** The compared runs; what a brush marks is compared alone. */
function useRunsShown({ runs, change }: CompareView): RunsShown {
  const set = useMemo(
    () => ({
      experiment_ids: [...new Set(runs.map(({ experimentId }) => experimentId))],
      run_view_type: ANY,
      filter: `attributes.run_id IN (${runs.map(({ id }) => `'${id}'`).join()})`,
    }),
    [runs],
  );
  return { runs: set, filter: "", onSelect: (ids) => change({ runs: ids.join() }) };
}
