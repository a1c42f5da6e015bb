/** Parts of numbers as an address has them: `10..200.5`. */

export interface Interval {
  readonly from: number;
  readonly to: number;
}

const DIGITS = 13; // a time in milliseconds is exact

const exact = (value: number): string => String(Number(value.toPrecision(DIGITS)));

export const intervalText = ({ from, to }: Interval): string => `${exact(from)}..${exact(to)}`;

/** The name and the interval of a text such as `metrics.loss@10..200`. */
export function namedInterval(text: string): readonly [string, Interval] | undefined {
  const [, name = "", low, high] = /^(.+)@([-\d.e+]+)\.\.([-\d.e+]+)$/s.exec(text) ?? [];
  const [from, to] = [Number(low), Number(high)];
  return from < to ? [name, { from, to }] : undefined;
}
