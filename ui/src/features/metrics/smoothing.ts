import type { Smoothing } from "./axis";

/** The values smoothed; what is not finite stays as it is and counts for nothing. */
export function smooth(values: readonly number[], { kind, amount }: Smoothing): readonly number[] {
  if (kind === "ema") return exponential(values, amount);
  if (kind === "average") return weighted(values, evenWeights(amount));
  if (kind === "gaussian") return weighted(values, gaussianWeights(amount));
  return values;
}

/** An exponential moving average that starts at the first value, as if it had always been there. */
function exponential(values: readonly number[], weight: number): number[] {
  let sum = 0;
  let norm = 0;
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    sum = weight * sum + (1 - weight) * value;
    norm = weight * norm + (1 - weight);
    return sum / norm;
  });
}

const REACH = 3;

const evenWeights = (points: number): number[] => Array(Math.floor(points / 2) + 1).fill(1);

const gaussianWeights = (sigma: number): number[] =>
  Array.from({ length: Math.ceil(REACH * sigma) + 1 }, (_, i) =>
    Math.exp((-i * i) / (2 * sigma ** 2)),
  );

/** A mean over the neighbours on both sides, `weights` by distance; at the ends over those there are. */
function weighted(values: readonly number[], weights: readonly number[]): number[] {
  const reach = weights.length - 1;
  return values.map((value, i) => {
    if (!Number.isFinite(value)) return value;
    let sum = 0;
    let norm = 0;
    for (let j = Math.max(0, i - reach); j <= Math.min(values.length - 1, i + reach); j++) {
      const near = values[j] ?? Number.NaN;
      if (!Number.isFinite(near)) continue;
      const weight = weights[Math.abs(i - j)] ?? 0;
      sum += weight * near;
      norm += weight;
    }
    return sum / norm;
  });
}
