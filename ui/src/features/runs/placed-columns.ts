import type { VirtualItem } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { isNumeric } from "@/lib/format";
import type { Column } from "./columns";
import { useExtents } from "./extents";
import type { Placed } from "./run-line";
import type { Listed } from "./run-pages";

/** The columns that are on the screen, with all that their cells need to know. */
export function usePlacedColumns(
  listed: Listed | undefined,
  columns: readonly Column[],
  shown: readonly Pick<VirtualItem, "index" | "start" | "size">[],
  moving: boolean,
): readonly Placed[] {
  const numeric = useNumeric(listed, columns);
  const seen = useStable(shown.flatMap(({ index }) => columns[index] ?? []));
  const rested = useRef(seen);
  if (!moving) rested.current = seen;
  const extents = useExtents(listed, seen, rested.current);
  return useStable(
    shown.flatMap(({ index, start: left, size: width }) => {
      const column = columns[index];
      if (!column) return [];
      const at = listed?.question.columns.indexOf(column.id) ?? -1;
      const right = column.group === "metric" || numeric.has(column.id);
      return [{ column, index, left, width, at, right, extent: extents.get(column.id) }];
    }),
    samePlace,
  );
}

/** The columns of which every value that is there is a number. */
function useNumeric(listed: Listed | undefined, columns: readonly Column[]): ReadonlySet<string> {
  return useMemo(() => {
    const rows = [...(listed?.rows.values() ?? [])];
    const numeric = columns.filter(({ id, group }) => {
      if (group === "attribute") return id === "attributes.duration";
      const at = listed?.question.columns.indexOf(id) ?? -1;
      const values = rows.flatMap(({ values }) => values?.[at] ?? []);
      return values.length > 0 && values.every((value) => isNumeric(String(value)));
    });
    return new Set(numeric.map(({ id }) => id));
  }, [listed, columns]);
}

/** The same list and the same parts while they say the same, so that nothing is drawn for nothing. */
function useStable<T>(list: T[], equal: (a: T, b: T) => boolean = Object.is): T[] {
  const last = useRef<T[]>([]);
  const known = last.current;
  const next = list.map((part) => known.find((one) => equal(one, part)) ?? part);
  const same = known.length === next.length && known.every((part, i) => part === next[i]);
  if (!same) last.current = next;
  return last.current;
}

const samePlace = (a: Placed, b: Placed): boolean =>
  (Object.keys(a) as (keyof Placed)[]).every((name) => a[name] === b[name]);
