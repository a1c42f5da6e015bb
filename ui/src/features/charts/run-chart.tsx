import type { ECharts } from "echarts/core";
import { type RefObject, useCallback, useEffect, useRef } from "react";
import type { Palette } from "@/components/chart/palette";
import { useChart } from "@/components/chart/use-chart";
import type { Interval } from "@/lib/intervals";
import { pointedCurve } from "@/lib/pointed";
import type { Brush } from "./brush";
import type { ChartSpec } from "./chart-spec";
import { colourColumn } from "./colour-column";
import { colouring } from "./colouring";
import { type DrawnKind, OPTIONS } from "./options";
import { indexOf } from "./run-tip";
import type { RunValues } from "./run-values";

interface Props {
  label: string;
  spec: ChartSpec & { readonly kind: DrawnKind };
  values: RunValues;
  colours: ReadonlyMap<string, number>;
  height: number;
  onPick: (runId: string) => void;
  onBrush: (brush: Brush) => void;
}

/** A chart of what runs have in some fields. A click on a run selects it. */
export default function RunChart(props: Props) {
  const { label, spec, values, colours, height, onPick, onBrush } = props;
  const { kind, fields, options, brush } = spec;
  const text = [...fields, ...options].join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is what of the spec is drawn
  const make = useCallback(
    (palette: Palette) =>
      OPTIONS[kind]({
        spec,
        values,
        palette,
        colouring: colouring(colourColumn(spec, values), values.ids, colours, palette),
      }),
    [kind, text, values, colours],
  );
  const { place, chart } = useChart(make);
  usePicking(chart, values, onPick);
  useBrush(chart, brush, make, onBrush);
  return <div ref={place} role="img" aria-label={label} style={{ height }} />;
}

function usePicking(
  chart: RefObject<ECharts | undefined>,
  values: RunValues,
  onPick: (runId: string) => void,
) {
  const now = useRef({ values, onPick });
  now.current = { values, onPick };
  useEffect(() => {
    const drawn = chart.current;
    if (!drawn) return;
    const picked = (event: unknown) => {
      const id = now.current.values.ids[indexOf(event) ?? -1];
      if (id !== undefined) now.current.onPick(id);
    };
    drawn.on("click", picked);
    const stop = pointedCurve.listen((id) => {
      drawn.dispatchAction({ type: "downplay" });
      if (id !== undefined) drawn.dispatchAction({ type: "highlight", name: id });
    });
    return () => {
      stop();
      drawn.off("click", picked);
    };
  }, [chart]);
}

interface AreaSelected {
  readonly parallelAxisId?: string;
  readonly intervals?: readonly (readonly [number, number])[];
}

/** The parts of axes that are marked: as the address has them when drawn, told when they change. */
function useBrush(
  chart: RefObject<ECharts | undefined>,
  brush: Brush,
  drawn: unknown,
  onBrush: (brush: Brush) => void,
) {
  const now = useRef({ brush, onBrush });
  now.current = { brush, onBrush };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn anew has no marks yet
  useEffect(() => {
    for (const [field, part] of now.current.brush) mark(chart.current, field, part);
  }, [chart, drawn]);
  useEffect(() => {
    const parallel = chart.current;
    if (!parallel) return;
    const changed = (event: unknown) => {
      const { parallelAxisId: field, intervals = [] } = event as AreaSelected;
      if (field === undefined) return;
      const next = new Map(now.current.brush);
      const [from, to] = intervals.at(-1) ?? [0, 0];
      if (from < to) next.set(field, { from, to });
      else next.delete(field);
      if (!same(next, now.current.brush)) now.current.onBrush(next);
    };
    parallel.on("axisareaselected", changed);
    return () => {
      parallel.off("axisareaselected", changed);
    };
  }, [chart]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: marks go when the brush is cleared elsewhere
  useEffect(() => {
    if (brush.size > 0) return;
    const axes = (chart.current?.getOption()?.parallelAxis ?? []) as { id?: string }[];
    for (const { id } of axes) if (id) mark(chart.current, id, undefined);
  }, [brush.size]);
}

function mark(chart: ECharts | undefined, field: string, part: Interval | undefined): void {
  const intervals = part ? [[part.from, part.to]] : [];
  chart?.dispatchAction({ type: "axisAreaSelect", parallelAxisId: field, intervals });
}

const same = (a: Brush, b: Brush): boolean =>
  a.size === b.size &&
  [...a].every(([field, part]) => b.get(field)?.from === part.from && b.get(field)?.to === part.to);
