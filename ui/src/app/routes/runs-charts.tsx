import { ChartGrid } from "@/components/chart/chart-grid";
import { SIZES } from "@/components/chart/chart-size";
import { SizeChoice } from "@/components/chart/size-choice";
import { Empty } from "@/components/empty";
import { SearchBox } from "@/components/search-box";
import { AddChart } from "@/features/charts/add-chart";
import { ChartForm } from "@/features/charts/chart-form";
import { AxisLine } from "@/features/metrics/axis-line";
import { MetricPanel } from "@/features/metrics/metric-panel";
import { PaintLegend, PaintLine } from "@/features/metrics/paint-line";
import type { Columns } from "@/lib/api-types";
import { AddedPanel, isAdded, useAddedCharts } from "./added-charts";
import { useChartView } from "./chart-view";
import styles from "./runs.module.css";
import { type ChartsView, useFacets, useRunsShown, useSections } from "./runs-added";
import { MOST_RUNS, useDrawn } from "./runs-drawn";

interface Props {
  view: ChartsView;
  known: Columns | undefined;
  colours: ReadonlyMap<string, number>;
}

/** The charts of the page's runs: a line chart for each metric, and what somebody added. */
export default function RunsCharts({ view, known, colours }: Props) {
  const drawn = useDrawn(view, colours);
  const { source } = drawn;
  const grouped = "grouping" in source;
  const { layout, folded, size, ...on } = useChartView(view.chartSearch, view.change);
  const added = useAddedCharts(view.chartSearch.add, view.change, known);
  const shown = useRunsShown(view);
  const faceted = useFacets(useSections(view, known, added.charts), drawn.facets);
  const { sections } = faceted;
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
        <AddChart onAdd={added.onAdd} />
      </div>
      <AxisLine
        {...{ grouped }}
        axis={layout.axis}
        metrics={known?.metrics ?? []}
        onChange={on.onAxis}
      >
        {!grouped && (
          <PaintLine paint={view.chartSearch} fields={added.fields} onChange={view.change} />
        )}
        <SizeChoice size={size} onChange={on.onSize} />
      </AxisLine>
      {drawn.legends.map(({ kind, parted: { field, names } }) => (
        <PaintLegend key={kind} {...{ kind, field, names }} />
      ))}
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
          draw={(item, height) =>
            isAdded(item) ? (
              <AddedPanel {...{ item, added, known, shown, colours, source, layout, height }} />
            ) : (
              <MetricPanel
                title={item}
                {...{ layout, height }}
                {...(faceted.panels.get(item) ?? { source })}
              />
            )
          }
        />
      )}
      {added.form && <ChartForm {...added.form} />}
    </aside>
  );
}
