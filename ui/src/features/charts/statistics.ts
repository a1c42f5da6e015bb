/** The statistics of charts. Sources: Spearman (1904); Kruskal & Wallis (1952); Tomczak & Tomczak (2014) for epsilon squared. */

/** Ranks from 1, ties by the mean of the ranks that they share. */
export function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const found = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end] ?? 0] === values[order[start] ?? 0]) end++;
    for (const at of order.slice(start, end)) found[at] = (start + end + 1) / 2;
    start = end;
  }
  return found;
}

/** Pearson's correlation; `undefined` where one side does not vary. */
export function correlation(x: readonly number[], y: readonly number[]): number | undefined {
  const [meanX, meanY] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  x.forEach((value, i) => {
    const [dx, dy] = [value - meanX, (y[i] ?? 0) - meanY];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  });
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : undefined;
}

/** Spearman's rank correlation: how far one goes only up, or only down, with the other. */
export const spearman = (x: readonly number[], y: readonly number[]): number | undefined =>
  correlation(ranks(x), ranks(y));

/**
 * Epsilon squared of Kruskal and Wallis: the share of the variance of ranks that the groups explain,
 * `H / (n - 1)`, which is that of an analysis of variance over ranks.
 */
export function epsilonSquared(
  groups: readonly string[],
  values: readonly number[],
): number | undefined {
  const ranked = ranks(values);
  const middle = mean(ranked);
  const total = ranked.reduce((sum, rank) => sum + (rank - middle) ** 2, 0);
  if (!(total > 0)) return undefined;
  const sums = new Map<string, { sum: number; count: number }>();
  groups.forEach((group, i) => {
    const known = sums.get(group) ?? { sum: 0, count: 0 };
    known.sum += ranked[i] ?? 0;
    known.count += 1;
    sums.set(group, known);
  });
  const between = [...sums.values()].reduce(
    (all, { sum, count }) => all + count * (sum / count - middle) ** 2,
    0,
  );
  return between / total;
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The standard deviation of a sample; 0 of a single value. */
export function deviation(values: readonly number[]): number {
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}

/** A quantile of sorted values, between two of them by their distance (type 7, as numpy and R have it). */
export function quantile(sorted: readonly number[], part: number): number {
  const at = part * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

export interface Box {
  /** Whisker, quartile, median, quartile, whisker. */
  readonly five: readonly [number, number, number, number, number];
  readonly outliers: readonly number[];
}

const WHISKER = 1.5;

/** A box with whiskers to the last values within 1.5 times its height (Tukey). */
export function boxOf(values: readonly number[]): Box {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => quantile(sorted, part)) as [
    number,
    number,
    number,
  ];
  const reach = WHISKER * (high - low);
  const within = sorted.filter((value) => value >= low - reach && value <= high + reach);
  const five = [within[0] ?? low, low, middle, high, within.at(-1) ?? high] as const;
  return { five, outliers: sorted.filter((value) => value < five[0] || value > five[4]) };
}
