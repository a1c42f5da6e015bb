import type { Interval } from "@/lib/intervals";
import { categories, named, type RunValues, type Values } from "./run-values";

export type Brush = ReadonlyMap<string, Interval>;

/** Which runs lie within the brush on every axis. */
export function brushed({ ids, columns }: RunValues, brush: Brush): string[] {
  const tests = columns.flatMap((values) => {
    const part = brush.get(values.field);
    return part ? [withinOf(values, part)] : [];
  });
  return tests.length === 0 ? [] : ids.filter((_, i) => tests.every((test) => test(i)));
}

function withinOf(values: Values, { from, to }: Interval): (i: number) => boolean {
  if (values.numeric) {
    return (i) => (values.numbers[i] ?? Number.NaN) >= from && (values.numbers[i] ?? 0) <= to;
  }
  const inside = new Set(categoriesWithin(values, { from, to }));
  return (i) => inside.has(named(values.texts[i]));
}

/** The axis of texts has one place for each, from 0. */
const categoriesWithin = (values: Values, { from, to }: Interval): string[] =>
  categories(values).filter((_, place) => place >= from && place <= to);

const DIGITS = 6;
const rounded = (value: number): string => String(Number(value.toPrecision(DIGITS)));
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The filter that finds the runs within the brush, among those that `filter` finds. */
export function brushFilter(filter: string, { columns }: RunValues, brush: Brush): string {
  const parts = columns.flatMap((values): string[] => {
    const part = brush.get(values.field);
    if (!part) return [];
    const { field } = values;
    if (values.numeric)
      return [`${field} >= ${rounded(part.from)}`, `${field} <= ${rounded(part.to)}`];
    return [`${field} IN (${categoriesWithin(values, part).map(quoted).join(", ")})`];
  });
  const own = filter === "" ? [] : [/\bor\b/i.test(filter) ? `(${filter})` : filter];
  return [...own, ...parts].join(" AND ");
}
