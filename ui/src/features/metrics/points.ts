import type { SampledSeries } from "@/lib/api-types";
import { real } from "@/lib/format";
import type { XAxis } from "./axis";

export type Point = readonly [x: number, y: number, step: number];

/** A series as a chart draws it. */
export interface Curve {
  readonly id: string;
  readonly name: string;
  /** Its run's place in the selection: its colour. */
  readonly place: number;
  readonly points: readonly Point[];
}

/** The points in the order of the axis; what is not a number leaves a gap. */
export function pointsOf(series: SampledSeries, x: XAxis): Point[] {
  const { steps = [], timestamps = [], values = [] } = series;
  const first = timestamps.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
  const points = values.map((value, i): Point => {
    const step = steps[i] ?? 0;
    const time = timestamps[i] ?? 0;
    const at = x === "step" ? step : x === "time" ? time : (time - first) / 1_000;
    return [at, real(value), step];
  });
  return x === "step" ? points : points.sort((a, b) => a[0] - b[0]);
}

/** An exponential moving average that starts at the first value, as if it had always been there. */
export function smoothed(points: readonly Point[], weight: number): Point[] {
  let sum = 0;
  let norm = 0;
  return points.map(([x, y, step]) => {
    if (!Number.isFinite(y)) return [x, y, step];
    sum = weight * sum + (1 - weight) * y;
    norm = weight * norm + (1 - weight);
    return [x, sum / norm, step];
  });
}

/** The steps of all points between two places of the axis. */
export function stepsBetween(curves: readonly Curve[], from: number, to: number) {
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
