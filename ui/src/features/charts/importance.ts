import type { RunValues, Values } from "./run-values";
import { epsilonSquared, spearman } from "./statistics";

/** How much a param, looked at by itself, goes with a metric. */
export interface Importance {
  readonly field: string;
  /** The share of the metric's variance (of ranks) that goes with the param, 0 to 1. */
  readonly share: number;
  /** Spearman's correlation, of a param that is numbers. */
  readonly correlation: number | undefined;
  readonly runs: number;
}

const LEAST_RUNS = 5;
const LEAST_PER_VALUE = 2;

/**
 * The params of runs by what they have to do with the first column, the most first. Numbers by rank
 * correlation, squared; texts by epsilon squared; both are shares of the variance of the metric's ranks.
 */
export function importances({ columns }: RunValues): Importance[] {
  const [metric, ...params] = columns;
  if (!metric) return [];
  return params
    .flatMap((param) => importanceOf(param, metric) ?? [])
    .sort((a, b) => b.share - a.share);
}

function importanceOf(param: Values, metric: Values): Importance | undefined {
  const used = metric.numbers.flatMap((value, i) =>
    Number.isFinite(value) && isThere(param, i) ? [i] : [],
  );
  if (used.length < LEAST_RUNS) return undefined;
  const values = used.map((i) => metric.numbers[i] ?? 0);
  const given = { field: param.field, runs: used.length };
  if (param.numeric) {
    const numbers = used.map((i) => param.numbers[i] ?? 0);
    const rho = spearman(numbers, values);
    return rho === undefined ? undefined : { ...given, share: rho * rho, correlation: rho };
  }
  const texts = used.map((i) => param.texts[i] ?? "");
  const different = new Set(texts).size;
  // Where each run has a text of its own, texts would explain everything, and say nothing.
  if (different < 2 || different * LEAST_PER_VALUE > used.length) return undefined;
  const share = epsilonSquared(texts, values);
  return share === undefined ? undefined : { ...given, share, correlation: undefined };
}

const isThere = ({ numeric, numbers, texts }: Values, i: number): boolean =>
  numeric ? Number.isFinite(numbers[i]) : texts[i] !== undefined;
