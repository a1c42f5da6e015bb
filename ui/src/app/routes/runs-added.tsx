import { useMemo } from "react";
import type { Section } from "@/components/chart/chart-grid";
import type { ChartSpec } from "@/features/charts/chart-spec";
import { MOST_RUNS } from "@/features/charts/run-values";
import type { Source } from "@/features/metrics/curves";
import { selectedIds, toggled } from "@/features/runs/selection";
import type { Columns } from "@/lib/api-types";
import { isAdded, type RunsShown, sectionsWith } from "./added-charts";
import type { Drawn } from "./runs-drawn";
import type { useRunsView } from "./runs-view";

export type ChartsView = ReturnType<typeof useRunsView>;

const ANY = 3;

/** Beside the table the metrics that it shows, else all there are; a search looks at all. */
export function useSections(
  view: ChartsView,
  known: Columns | undefined,
  added: ReadonlyMap<string, ChartSpec>,
): Section[] {
  const { panels, columns, charts } = view;
  return useMemo(() => {
    const shown = columns.flatMap(({ group, field }) => (group === "metric" ? [field.key] : []));
    const every = charts === "wide" || panels !== "" ? (known?.metrics ?? []) : [...new Set(shown)];
    return sectionsWith(added, every, panels);
  }, [panels, columns, charts, known, added]);
}

/** The selected runs; where none are, all that match. */
export function useRunsShown(view: ChartsView): RunsShown {
  const [selection, select] = view.selection;
  const { all } = view.question;
  const runs = useMemo(() => {
    const ids = selectedIds(selection).slice(0, MOST_RUNS);
    if (ids.length === 0) return all;
    const filter = `attributes.run_id IN (${ids.map((id) => `'${id}'`).join()})`;
    return { ...all, filter, run_view_type: ANY };
  }, [selection, all]);
  return {
    runs,
    filter: view.filter,
    onPick: (id) => select(toggled(selection, id)),
    onSelect: (ids) => select(ids),
    onFilter: (q) => view.change({ q }, true),
  };
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
