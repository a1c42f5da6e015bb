import { useQueries } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { decimals } from "@/lib/format";
import type { Column } from "./columns";
import type { Listed } from "./run-pages";
import { extremeValue } from "./tabulate-runs";

/** The smallest and the largest value of a metric's column among all matching runs. */
export interface Extent {
  readonly low: number;
  readonly high: number;
  readonly decimals: number;
}

type Extents = ReadonlyMap<string, Extent>;

/**
 * The extents of metric columns: from the rows where all are there, else asked of the server, for those
 * at which a scroll has `rested`.
 */
export function useExtents(
  listed: Listed | undefined,
  columns: readonly Column[],
  rested: readonly Column[],
): Extents {
  const whole = listed !== undefined && listed.rows.size >= listed.total;
  const sampled = listed !== undefined && !whole;
  const asked = useMemo(
    () => (sampled ? rested.filter((column) => column.group === "metric") : []),
    [sampled, rested],
  );
  const answers = useQueries({
    queries: asked.flatMap(({ id }) =>
      (["ASC", "DESC"] as const).map((direction) =>
        extremeValue(listed?.question.runs ?? NOTHING, id, direction),
      ),
    ),
    combine: (found) => found.map((one) => one.data),
  });
  const known = useRef<Extents>(new Map());
  return useMemo(() => {
    const extents = new Map<string, Extent>();
    if (!listed) return extents;
    for (const { id, group } of columns) {
      if (group !== "metric") continue;
      const at = asked.findIndex((column) => column.id === id);
      const ends = at < 0 ? [] : [answers[2 * at], answers[2 * at + 1]];
      const extent = extentOf([...ends, ...valuesIn(listed, id)]);
      if (extent) extents.set(id, kept(known.current.get(id), extent));
    }
    known.current = extents;
    return extents;
  }, [listed, columns, asked, answers]);
}

/** The extent that was there if it says the same: cells are drawn again only for another one. */
const kept = (known: Extent | undefined, extent: Extent): Extent =>
  known?.low === extent.low && known.high === extent.high && known.decimals === extent.decimals
    ? known
    : extent;

const NOTHING = { experiment_ids: [], filter: undefined, run_view_type: 1 };

function valuesIn({ question, rows }: Listed, id: string): number[] {
  const at = question.columns.indexOf(id);
  return [...rows.values()].map(({ values }) => Number(values?.[at] ?? Number.NaN));
}

function extentOf(values: readonly (number | undefined)[]): Extent | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let whole = true;
  for (const value of values) {
    if (value === undefined || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
    whole &&= Number.isInteger(value);
  }
  if (low > high) return undefined;
  return { low, high, decimals: whole ? 0 : decimals(low, high) };
}

/** How good a value is among all, 0 to 1; none where all are equal. */
export function share(
  value: number,
  { low, high }: Extent,
  lowerIsBetter: boolean,
): number | undefined {
  if (!(high > low) || !Number.isFinite(value)) return undefined;
  const up = (value - low) / (high - low);
  return lowerIsBetter ? 1 - up : up;
}
