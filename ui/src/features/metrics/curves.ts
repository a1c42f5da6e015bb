import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { SampledSeries } from "@/lib/api-types";
import { counted } from "@/lib/format";
import type { Axis } from "./axis";
import { bandMetrics, type Grouping } from "./band-metrics";
import { type Curve, curveOf, pointsOf, stepsBetween, type Window } from "./points";
import { sampleMetrics } from "./sample-metrics";

const POINTS = 1_000;
const NO_RUNS: readonly ChartRun[] = [];
const NO_GROUPING: Grouping = { experiment_ids: [], filter: undefined, run_view_type: 1, by: [] };

/** A run as a chart knows it. */
export interface ChartRun {
  readonly id: string;
  readonly name: string;
  /** Its colour. */
  readonly place: number;
  /** Its dash; without one that of its place. */
  readonly dash?: number | undefined;
}

/** A group of runs as a chart knows it. */
export interface ChartGroup {
  readonly values: readonly (string | null)[];
  readonly name: string;
  readonly place: number;
}

/** Whose curves are drawn. */
export type Source =
  | { readonly runs: readonly ChartRun[]; readonly live: boolean }
  | { readonly grouping: Grouping; readonly groups: readonly ChartGroup[] };

export interface Curves {
  readonly curves: readonly Curve[];
  /** Whether there is an answer. */
  readonly known: boolean;
  /** How much there is, in words. */
  readonly total: string;
  readonly error: Error | null;
}

/** The curves of some metrics, in the detail that a part of the axis needs. */
export function useCurves(
  metrics: readonly string[],
  source: Source,
  axis: Axis,
  window: Window | undefined,
  seen: boolean,
): Curves {
  const grouped = "grouping" in source;
  const ofRuns = useRunCurves(metrics, grouped ? undefined : source, axis, window, seen);
  const ofGroups = useGroupCurves(metrics, grouped ? source : undefined, axis, window, seen);
  return grouped ? ofGroups : ofRuns;
}

type RunSource = Extract<Source, { runs: unknown }>;
type GroupSource = Extract<Source, { grouping: unknown }>;

function useRunCurves(
  metrics: readonly string[],
  source: RunSource | undefined,
  axis: Axis,
  window: Window | undefined,
  seen: boolean,
): Curves {
  const { runs = NO_RUNS, live = false } = source ?? {};
  const runIds = useMemo(() => runs.map(({ id }) => id), [runs]);
  const asked = { runIds, keys: metrics, points: POINTS, xKey: axis.xKey, live };
  const whole = useQuery(sampleMetrics({ ...asked, enabled: seen && runs.length > 0 }));
  const overview = useCurvesOf(whole.data, runs, metrics, axis);
  const { from, to } = window ?? {};
  const steps = useMemo(
    () =>
      from === undefined || to === undefined ? undefined : stepsOf(overview, axis, { from, to }),
    [overview, axis, from, to],
  );
  const part = useQuery(sampleMetrics({ ...asked, steps, enabled: seen && steps !== undefined }));
  const detail = useCurvesOf(part.data, runs, metrics, axis);
  const points = whole.data?.reduce((sum, series) => sum + series.count, 0);
  return {
    curves: steps && part.data ? detail : overview,
    known: whole.data !== undefined,
    total: points === undefined ? "" : counted(points, "point"),
    error: whole.error ?? part.error,
  };
}

/** By steps the address alone says which are shown; by anything else the points do. */
function stepsOf(overview: readonly Curve[], axis: Axis, window: Window) {
  if (axis.x !== "step" || axis.xKey !== undefined) return stepsBetween(overview, window);
  return { start: Math.ceil(window.from), end: Math.floor(window.to) };
}

function useCurvesOf(
  data: readonly SampledSeries[] | undefined,
  runs: readonly ChartRun[],
  metrics: readonly string[],
  axis: Axis,
): readonly Curve[] {
  const { x, xKey } = axis;
  // biome-ignore lint/correctness/useExhaustiveDependencies: of an axis only what places the points
  return useMemo(() => {
    const series = new Map(data?.map((one) => [`${one.run_id} ${one.key}`, one]));
    return runs.flatMap((run) =>
      metrics.flatMap((metric, i): Curve[] => {
        const one = series.get(`${run.id} ${metric}`);
        if (!one) return [];
        const { id, place, dash } = run;
        const points = pointsOf(one, axis);
        return [
          {
            owner: id,
            place,
            points,
            ...(metrics.length > 1 ? ofMany(run, metric, i) : { id, name: run.name, dash }),
          },
        ];
      }),
    );
  }, [data, runs, metrics, x, xKey]);
}

/** Where a chart has many metrics, each has its dash. */
const ofMany = ({ id, name }: { id: string; name: string }, metric: string, dash: number) => ({
  id: `${id} ${metric}`,
  name: `${name} · ${metric}`,
  dash,
});

function useGroupCurves(
  metrics: readonly string[],
  source: GroupSource | undefined,
  axis: Axis,
  window: Window | undefined,
  seen: boolean,
): Curves {
  const groups = source?.groups;
  const { data, error } = useQuery(
    bandMetrics({
      ...{ grouping: source?.grouping ?? NO_GROUPING, metrics, axis, window },
      groups: Math.max(1, groups?.length ?? 0),
      enabled: seen && (groups?.length ?? 0) > 0,
    }),
  );
  const { band: kind } = axis;
  const curves = useMemo(() => {
    const known = new Map(groups?.map((group) => [JSON.stringify(group.values), group]));
    return (data ?? []).flatMap((band): Curve[] => {
      const group = known.get(JSON.stringify(band.values ?? []));
      if (!group) return [];
      const curve = curveOf(band, kind, group.name, group.place);
      const { owner: id, name } = curve;
      const at = metrics.indexOf(band.metric_key);
      return [
        metrics.length > 1 ? { ...curve, ...ofMany({ id, name }, band.metric_key, at) } : curve,
      ];
    });
  }, [data, groups, kind, metrics]);
  // Of many metrics each has its own runs: the first says how many.
  const first = data?.filter((band) => band.metric_key === data[0]?.metric_key) ?? [];
  const runs = first.reduce((sum, band) => sum + (band.count ?? 0), 0);
  const drawn = first.reduce((sum, band) => sum + (band.drawn ?? 0), 0);
  const of = drawn < runs ? `the newest ${drawn} of ${counted(runs, "run")}` : counted(runs, "run");
  return {
    curves,
    known: data !== undefined,
    total: data === undefined ? "" : `${counted(first.length, "group")}, ${of}`,
    error,
  };
}
