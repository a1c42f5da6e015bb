import { queryOptions } from "@tanstack/react-query";
import type { Columns } from "@/lib/api-types";
import { call } from "@/lib/call";
import { type Column, isAsked } from "./columns";
import type { RunSet } from "./tabulate-runs";

export type Dull = "constant" | "empty";

/** The columns that tell some runs apart, and those in which they are all alike. */
export const findVariation = (runs: RunSet) =>
  queryOptions({
    queryKey: ["runs", "variation", runs],
    queryFn: ({ signal }) => call("headrace/runs/variation", runs, signal),
  });

/** Those of the columns that are not dull; attributes never are. */
export function withoutDull(
  columns: readonly Column[],
  dull: Dull,
  variation: { varying?: Columns; constant?: Columns },
): string[] {
  const has = (known: Columns | undefined, { field }: Column): boolean =>
    field.kind !== "attribute" && (known?.[`${field.kind}s`]?.includes(field.key) ?? false);
  const isDull = (column: Column): boolean =>
    dull === "constant"
      ? has(variation.constant, column)
      : !has(variation.constant, column) && !has(variation.varying, column);
  return columns.filter((column) => !isAsked(column) || !isDull(column)).map(({ id }) => id);
}
