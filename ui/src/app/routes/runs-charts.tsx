import { useMemo } from "react";
import { ChartGrid, type Section, sectionsOf } from "@/components/chart/chart-grid";
import { SIZES } from "@/components/chart/chart-size";
import { Empty } from "@/components/empty";
import { SearchBox } from "@/components/search-box";
import { AxisLine } from "@/features/metrics/axis-line";
import { MetricPanel } from "@/features/metrics/metric-panel";
import type { Columns } from "@/lib/api-types";
import { matcher } from "@/lib/fields";
import { useChartView } from "./chart-view";
import styles from "./runs.module.css";
import { MOST_RUNS, useSource } from "./runs-drawn";
import type { useRunsView } from "./runs-view";

interface Props {
  view: ReturnType<typeof useRunsView>;
  known: Columns | undefined;
  colours: ReadonlyMap<string, number>;
}

/** The charts of the page's runs: a line chart for each metric. */
export default function RunsCharts({ view, known, colours }: Props) {
  const source = useSource(view, colours);
  const grouped = "grouping" in source;
  const { axis, zooms, folded, size, ...on } = useChartView(view.chartSearch, view.change);
  const sections = useSections(view, known);
  return (
    <aside
      className={styles.charts}
      data-wide={view.charts === "wide"}
      aria-label={`Charts of the ${grouped ? "groups" : "selected runs"}`}
    >
      <div className={styles.tools}>
        <SearchBox
          label="Find charts: text, * or /regex/"
          value={view.panels}
          onChange={(panels) => view.change({ panels: panels || undefined })}
        />
      </div>
      <AxisLine
        {...{ axis, size, grouped }}
        metrics={known?.metrics ?? []}
        onChange={on.onAxis}
        onSize={on.onSize}
      />
      {!grouped && colours.size > MOST_RUNS && (
        <p className="dim">
          The first {MOST_RUNS} of {colours.size} selected runs are drawn.
        </p>
      )}
      {sections.length === 0 ? (
        <Empty title={view.panels ? "No chart has such a name" : "No metrics to draw"} />
      ) : (
        <ChartGrid
          {...{ sections, folded }}
          size={SIZES[size]}
          onFold={on.onFold}
          draw={(metric, height) => (
            <MetricPanel
              {...{ metric, source, axis, height }}
              window={zooms.get(metric)}
              onZoom={on.onZoom}
            />
          )}
        />
      )}
    </aside>
  );
}

/** Beside the table the metrics that it shows, else all there are; a search looks at all. */
function useSections(view: Props["view"], known: Columns | undefined): Section[] {
  const { panels, columns, charts } = view;
  return useMemo(() => {
    const shown = columns.flatMap(({ group, field }) => (group === "metric" ? [field.key] : []));
    const every = charts === "wide" || panels !== "" ? (known?.metrics ?? []) : [...new Set(shown)];
    return sectionsOf(every.filter(matcher(panels)));
  }, [panels, columns, charts, known]);
}
