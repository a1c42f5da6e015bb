import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { RunGroup } from "@/lib/api-types";
import { call } from "@/lib/call";
import { fieldText, parseField } from "@/lib/fields";
import { pace, timed } from "@/lib/live";
import type { Column } from "./columns";
import type { RunSet } from "./tabulate-runs";

const NAME = "runs-groups";
const LEAST_MS = 2_000;
const MOST_COLUMNS = 200;
export const MOST_GROUPS = 1_000;

/** The columns of a table that a group has numbers of. */
export const numberColumns = (columns: readonly Column[]): Column[] =>
  columns.filter(({ group }) => group === "metric").slice(0, MOST_COLUMNS);

/** The runs of a set by the values of some fields, the largest groups first. */
export const groupRuns = (runs: RunSet, by: readonly string[], columns: readonly Column[]) => {
  const asked = columns.map(({ id }) => id);
  return queryOptions({
    queryKey: ["runs", "groups", runs, by, asked],
    queryFn: ({ signal }) =>
      timed(NAME, () =>
        call(
          "headrace/runs/groups",
          { ...runs, by: [...by], columns: asked, max_results: MOST_GROUPS },
          signal,
        ),
      ),
    refetchInterval: pace(NAME, LEAST_MS),
    placeholderData: keepPreviousData,
  });
};

/** The filter that finds the runs of a group among those that `filter` finds. */
export function groupFilter(filter: string, by: readonly string[], group: RunGroup): string {
  const parts = by.map((id, i) => {
    const value = group.values?.[i];
    return value === null || value === undefined
      ? `${id} IS NULL`
      : `${id} = '${value.replaceAll("'", "''")}'`;
  });
  const own = filter === "" ? [] : [/\bor\b/i.test(filter) ? `(${filter})` : filter];
  return [...own, ...parts].join(" AND ");
}

/** What a group is called. */
export const groupName = (values: readonly (string | null)[]): string =>
  values.map((value) => (value === null ? "none" : value || "(empty)")).join(", ");

/** What a field of a group is called, without its kind. */
export const fieldLabel = (id: string): string => parseField(id)?.key ?? id;

/** Sorts groups by `count`, a value of `by` or a mean; what is missing comes last both ways. */
export function sortGroups(
  groups: readonly RunGroup[],
  sort: string,
  by: readonly string[],
  columns: readonly Column[],
): RunGroup[] {
  const descending = sort.startsWith("-");
  const name = sort.replace(/^-/, "");
  const keyOf = (group: RunGroup): string | number | undefined => {
    if (name === "count") return group.count;
    const at = by.indexOf(name);
    if (at >= 0) return group.values?.[at] ?? undefined;
    const spread = group.spreads?.[columns.findIndex(({ id }) => id === name)];
    return spread ? Number(spread.mean) : undefined;
  };
  return [...groups].sort((a, b) => {
    const [x, y] = [keyOf(a), keyOf(b)];
    if (x === undefined || y === undefined)
      return Number(x === undefined) - Number(y === undefined);
    const order =
      typeof x === "number" && typeof y === "number"
        ? x - y
        : String(x).localeCompare(String(y), "en", { numeric: true });
    return descending ? -order : order;
  });
}

/** Fields that runs can be grouped by: params, tags, and two attributes. */
export const groupable = (all: readonly Column[]): Column[] =>
  all.filter(({ group, field }) =>
    group === "attribute" ? field.key === "user_id" || field.kind === "tag" : group !== "metric",
  );

export const fieldId = (column: Column): string => fieldText(column.field);
