import { useMemo, useRef } from "react";
import { type Column, isAsked, widthFor } from "./columns";
import type { Listed } from "./run-pages";

/**
 * The columns as wide as the first values that came ask for. A width once given stays, or everything
 * to its right would jump when other rows come.
 */
export function useFittedColumns(
  columns: readonly Column[],
  listed: Listed | undefined,
): readonly Column[] {
  const known = useRef(new Map<string, number>());
  return useMemo(() => {
    for (const column of columns) {
      if (known.current.has(column.id) || !isAsked(column) || column.group === "metric") continue;
      const characters = longest(column.id, listed);
      if (characters > 0) known.current.set(column.id, widthFor(column, characters));
    }
    return columns.map((column) => ({
      ...column,
      width: known.current.get(column.id) ?? column.width,
    }));
  }, [columns, listed]);
}

function longest(id: string, listed: Listed | undefined): number {
  const at = listed?.question.columns.indexOf(id) ?? -1;
  let most = 0;
  for (const { values } of listed?.rows.values() ?? []) {
    most = Math.max(most, String(values?.[at] ?? "").length);
  }
  return most;
}
