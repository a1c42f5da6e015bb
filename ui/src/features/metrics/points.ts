import type { Band, SampledSeries } from "@/lib/api-types";
import { real } from "@/lib/format";
import type { Interval } from "@/lib/intervals";
import type { Axis, BandKind } from "./axis";

export type Point = readonly [x: number, y: number, step: number];

/** What the runs of a group are like, point by point of its mean. */
export interface Spread {
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly std: readonly number[];
  readonly runs: readonly number[];
}

/** A series as a chart draws it. */
export interface Curve {
  readonly id: string;
  /** The run or group that it is of. */
  readonly owner: string;
  readonly name: string;
  /** Its run's place in the selection: its colour. */
  readonly place: number;
  /** Which dash it has; without one that of its place. */
  readonly dash?: number | undefined;
  readonly points: readonly Point[];
  /** Of a group. */
  readonly spread?: Spread;
}

/** A part of an axis. */
export type Window = Interval;

/** The points in the order of the axis; what is not a number leaves a gap. */
export function pointsOf(series: SampledSeries, { x, xKey }: Axis): Point[] {
  const { steps = [], timestamps = [], values = [], first_timestamp: first = 0 } = series;
  const at = (i: number): number => {
    if (xKey !== undefined) return real(series.x?.[i] ?? Number.NaN);
    if (x === "step") return steps[i] ?? 0;
    const time = timestamps[i] ?? 0;
    return x === "time" ? time : (time - first) / 1_000;
  };
  const points = values.map((value, i): Point => [at(i), real(value), steps[i] ?? 0]);
  // By another metric a curve may go back and forth; it is drawn in the order of its steps.
  return x === "step" || xKey !== undefined ? points : points.sort((a, b) => a[0] - b[0]);
}

/** The curve of a group: its mean, and what is drawn around it. */
export function curveOf(band: Band, kind: BandKind, name: string, place: number): Curve {
  const owner = `group ${name}`;
  const { x = [], mean = [], min = [], max = [], std = [], runs = [] } = band;
  const points = x.map((at, i): Point => [real(at), real(mean[i] ?? Number.NaN), real(at)]);
  const stds = std.map(real);
  const around = (sign: number): number[] => points.map(([, y], i) => y + sign * (stds[i] ?? 0));
  const [low, high] =
    kind === "range"
      ? [min.map(real), max.map(real)]
      : kind === "std"
        ? [around(-1), around(1)]
        : [[], []];
  return { id: owner, owner, name, place, points, spread: { low, high, std: stds, runs } };
}

/** The steps of all points between two places of the axis. */
export function stepsBetween(curves: readonly Curve[], { from, to }: Window) {
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const { points } of curves) {
    for (const [x, , step] of points) {
      if (x < from || x > to) continue;
      start = Math.min(start, step);
      end = Math.max(end, step);
    }
  }
  return start < end ? { start, end } : undefined;
}

const TAIL = 0.02;
const MARGIN = 0.05;
const LEAST_VALUES = 20;

/** From where to where the values lie when the lowest and highest few are left out. */
export function withoutOutliers(
  curves: readonly Curve[],
  window: Window | undefined,
  log: boolean,
) {
  const within = curves
    .flatMap(({ points }) => points)
    .filter(([x, y]) => Number.isFinite(y) && (!log || y > 0) && inside(x, window))
    .map(([, y]) => (log ? Math.log(y) : y))
    .sort((a, b) => a - b);
  if (within.length < LEAST_VALUES) return undefined;
  const at = (part: number) => within[Math.round(part * (within.length - 1))] ?? 0;
  const [low, high] = [at(TAIL), at(1 - TAIL)];
  const margin = (high - low || Math.abs(high) || 1) * MARGIN;
  const back = (value: number) => (log ? Math.exp(value) : value);
  return { min: back(low - margin), max: back(high + margin) };
}

const inside = (x: number, window: Window | undefined): boolean =>
  window === undefined || (x >= window.from && x <= window.to);
