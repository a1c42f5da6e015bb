import { useMemo, useState } from "react";
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
import { RunPanel, type RunPanelActions } from "@/features/charts/run-panel";
import type { RunSet } from "@/features/charts/run-values";
import type { Source } from "@/features/metrics/curves";
import type { Layout } from "@/features/metrics/layout";
import { MetricPanel } from "@/features/metrics/metric-panel";
import { allColumns } from "@/features/runs/columns";
import type { Columns } from "@/lib/api-types";
import { field, fieldText, matcher } from "@/lib/fields";

const ADDED = "Added";
const METRICS = "Metrics";
const MARK = "+"; // no metric begins so
const MOST_LINES = 12;
const NOT_BRUSHED: ChartSpec["brush"] = new Map();

export const isAdded = (item: string): boolean => item.startsWith(MARK);

/** What stays the same while a chart is brushed. */
const itemOf = (spec: ChartSpec): string => MARK + writeChart({ ...spec, brush: NOT_BRUSHED });

interface Editing {
  /** The chart that is changed; a new one without. */
  readonly item: string | undefined;
  readonly spec: ChartSpec;
}

export type AddedCharts = ReturnType<typeof useAddedCharts>;

/** The charts that the address has beside those of metrics. */
export function useAddedCharts(
  text: string | undefined,
  change: (part: { add: string | undefined }) => void,
  known: Columns | undefined,
) {
  const charts = useMemo(
    () => new Map(readCharts(text).map((spec) => [itemOf(spec), spec])),
    [text],
  );
  const [editing, setEditing] = useState<Editing>();
  const fields = useMemo(() => allColumns(known).map(({ id }) => id), [known]);
  const write = (next: readonly ChartSpec[]) => change({ add: writeCharts(next) });
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

/** Added charts first, then those of metrics; of each only what a pattern finds. */
export function sectionsWith(
  added: ReadonlyMap<string, ChartSpec>,
  metrics: readonly string[],
  pattern: string,
): Section[] {
  const matches = matcher(pattern);
  const items = [...added].flatMap(([item, spec]) => (matches(titleOf(spec)) ? [item] : []));
  const sections = sectionsOf(metrics.filter(matches));
  if (items.length === 0) return sections;
  const headed = sections.map((one) => ({ ...one, name: one.name || METRICS }));
  return [{ name: ADDED, items }, ...headed];
}

/** Whose values added charts show, and what can be done with what they mark. */
export interface RunsShown extends Pick<RunPanelActions, "onPick" | "onSelect" | "onFilter"> {
  readonly runs: RunSet;
  readonly filter: string;
}

interface Props {
  item: string;
  added: AddedCharts;
  known: Columns | undefined;
  shown: RunsShown;
  colours: ReadonlyMap<string, number>;
  /** Whose lines are drawn, and how. */
  source: Source;
  layout: Layout;
  height: number;
}

/** A chart that somebody added. */
export function AddedPanel({ item, added, known, shown, colours, source, layout, height }: Props) {
  const spec = added.charts.get(item);
  if (!spec) return null;
  const onEdit = () => added.onEdit(item, spec);
  const onRemove = () => added.put(item);
  if (spec.kind !== "lines") {
    return (
      <RunPanel
        {...{ spec, colours, height, onEdit, onRemove }}
        {...shown}
        params={added.params}
        onChange={(next) => added.put(item, next)}
      />
    );
  }
  const title = titleOf(spec);
  return (
    <MetricPanel
      {...{ title, source, layout, height }}
      metrics={known?.metrics?.filter(matcher(title)).slice(0, MOST_LINES) ?? []}
      more={[
        { word: "Edit", act: onEdit },
        { word: "Remove", act: onRemove },
      ]}
    />
  );
}
