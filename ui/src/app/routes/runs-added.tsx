import { type ComponentProps, useMemo, useState } from "react";
import { type Section, sectionsOf } from "@/components/chart/chart-grid";
import {
  type ChartSpec,
  type Kind,
  readCharts,
  titleOf,
  writeChart,
  writeCharts,
} from "@/features/charts/chart-spec";
import { proposed } from "@/features/charts/proposed";
import { RunPanel } from "@/features/charts/run-panel";
import { MOST_RUNS } from "@/features/charts/run-values";
import type { Source } from "@/features/metrics/curves";
import { MetricPanel } from "@/features/metrics/metric-panel";
import type { Zooms } from "@/features/metrics/zooms";
import { allColumns } from "@/features/runs/columns";
import { selectedIds, toggled } from "@/features/runs/selection";
import type { Columns } from "@/lib/api-types";
import { field, fieldText, matcher } from "@/lib/fields";
import type { Drawn } from "./runs-drawn";
import type { useRunsView } from "./runs-view";

export type ChartsView = ReturnType<typeof useRunsView>;

const ADDED = "Added";
const METRICS = "Metrics";
const MARK = "+"; // no metric begins so
const MOST_LINES = 12;
const ANY = 3;
const NOT_BRUSHED: ChartSpec["brush"] = new Map();

export const isAdded = (item: string): boolean => item.startsWith(MARK);

/** What stays the same while a chart is brushed. */
const itemOf = (spec: ChartSpec): string => MARK + writeChart({ ...spec, brush: NOT_BRUSHED });

interface Editing {
  /** The chart that is changed; a new one without. */
  readonly item: string | undefined;
  readonly spec: ChartSpec;
}

/** The charts that the address has beside those of metrics. */
export function useAddedCharts(view: ChartsView, known: Columns | undefined) {
  const text = view.chartSearch.add;
  const charts = useMemo(
    () => new Map(readCharts(text).map((spec) => [itemOf(spec), spec])),
    [text],
  );
  const [editing, setEditing] = useState<Editing>();
  const fields = useMemo(() => allColumns(known).map(({ id }) => id), [known]);
  const write = (next: readonly ChartSpec[]) => view.change({ add: writeCharts(next) });
  /** The charts with another in the place of one, or without it. */
  const put = (item: string | undefined, ...specs: ChartSpec[]) => {
    const all = [...charts].flatMap(([one, spec]) => (one === item ? specs : [spec]));
    write(item === undefined ? [...specs, ...all] : all);
  };
  const keyed = (kind: "param" | "metric", keys: readonly string[] = []) =>
    keys.map((key) => fieldText(field(kind, key)));
  const params = useMemo(
    () => known?.params?.map((key) => fieldText(field("param", key))) ?? [],
    [known],
  );
  return {
    charts,
    params,
    fields,
    put,
    onAdd: (kind: Kind) =>
      setEditing({
        item: undefined,
        spec: proposed(kind, params, keyed("metric", known?.metrics)),
      }),
    onEdit: (item: string, spec: ChartSpec) => setEditing({ item, spec }),
    form: editing && {
      spec: editing.spec,
      fields,
      action: editing.item === undefined ? "Add" : "Change",
      onSave: (spec: ChartSpec) => {
        put(editing.item, spec);
        setEditing(undefined);
      },
      onClose: () => setEditing(undefined),
    },
  };
}

/**
 * What there is to draw: added charts first; then, beside the table, the metrics that it shows, else all
 * there are. A search looks at all.
 */
export function useSections(
  view: ChartsView,
  known: Columns | undefined,
  added: ReadonlyMap<string, ChartSpec>,
): Section[] {
  const { panels, columns, charts } = view;
  return useMemo(() => {
    const matches = matcher(panels);
    const shown = columns.flatMap(({ group, field: of }) => (group === "metric" ? [of.key] : []));
    const every = charts === "wide" || panels !== "" ? (known?.metrics ?? []) : [...new Set(shown)];
    const items = [...added].flatMap(([item, spec]) => (matches(titleOf(spec)) ? [item] : []));
    const sections = sectionsOf(every.filter(matches));
    if (items.length === 0) return sections;
    const headed = sections.map((one) => ({ ...one, name: one.name || METRICS }));
    return [{ name: ADDED, items }, ...headed];
  }, [panels, columns, charts, known, added]);
}

/** A panel of its own for each metric and facet, in the place of the metric's. */
export function useFacets(sections: readonly Section[], facets: Drawn["facets"]) {
  return useMemo(() => {
    const panels = new Map<string, { metrics: string[]; source: Source }>();
    if (facets.length === 0) return { sections, panels };
    const split = (metric: string) =>
      facets.map(({ name, source }) => {
        const title = `${metric} · ${name}`;
        panels.set(title, { metrics: [metric], source });
        return title;
      });
    const next = sections.map(({ name, items }) => ({
      name,
      items: items.flatMap((item) => (isAdded(item) ? [item] : split(item))),
    }));
    return { sections: next, panels };
  }, [sections, facets]);
}

interface Props {
  item: string;
  added: ReturnType<typeof useAddedCharts>;
  view: ChartsView;
  known: Columns | undefined;
  colours: ReadonlyMap<string, number>;
  /** How lines are drawn. */
  lines: Pick<ComponentProps<typeof MetricPanel>, "source" | "axis" | "onZoom">;
  zooms: Zooms;
  height: number;
}

export function AddedPanel(props: Props) {
  const { item, added, known, lines, zooms, height } = props;
  const spec = added.charts.get(item);
  if (!spec) return null;
  if (spec.kind !== "lines") return <PanelOfRuns {...props} spec={spec} />;
  const title = titleOf(spec);
  return (
    <MetricPanel
      {...{ title, height, ...lines }}
      metrics={known?.metrics?.filter(matcher(title)).slice(0, MOST_LINES) ?? []}
      window={zooms.get(title)}
      more={[
        { word: "Edit", act: () => added.onEdit(item, spec) },
        { word: "Remove", act: () => added.put(item) },
      ]}
    />
  );
}

/** A chart of the selected runs; where none are, of all that match. */
function PanelOfRuns({ item, spec, added, view, colours, height }: Props & { spec: ChartSpec }) {
  const [selection, select] = view.selection;
  const { all } = view.question;
  const runs = useMemo(() => {
    const ids = selectedIds(selection).slice(0, MOST_RUNS);
    if (ids.length === 0) return all;
    const filter = `attributes.run_id IN (${ids.map((id) => `'${id}'`).join()})`;
    return { ...all, filter, run_view_type: ANY };
  }, [selection, all]);
  return (
    <RunPanel
      {...{ spec, runs, colours, height }}
      filter={view.filter}
      params={added.params}
      onChange={(next) => added.put(item, next)}
      onEdit={() => added.onEdit(item, spec)}
      onRemove={() => added.put(item)}
      onPick={(id) => select(toggled(selection, id))}
      onSelect={(ids) => select(ids)}
      onFilter={(q) => view.change({ q }, true)}
    />
  );
}
