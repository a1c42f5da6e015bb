import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { RunRow } from "@/lib/api-types";
import { call } from "@/lib/call";
import { parseField } from "@/lib/fields";
import { pace, timed } from "@/lib/live";
import { shownName } from "@/lib/run-name";

const NAME = "run-values";
const LEAST_MS = 4_000;
export const MOST_RUNS = 2_000;

/** Which runs are drawn. */
export interface RunSet {
  readonly experiment_ids: string[];
  readonly filter: string | undefined;
  readonly run_view_type: number;
}

/** What the runs have in a field: numbers if all that there is are, else texts. */
export interface Values {
  readonly field: string;
  readonly numeric: boolean;
  /** NaN where there is no number. */
  readonly numbers: readonly number[];
  /** `undefined` where there is nothing. */
  readonly texts: readonly (string | undefined)[];
}

/** Runs with some of their values, all by the same index. */
export interface RunValues {
  readonly ids: readonly string[];
  readonly names: readonly string[];
  readonly columns: readonly Values[];
  /** How many runs there are; the newest `MOST_RUNS` of them are here. */
  readonly total: number;
}

const ATTRIBUTES: Record<string, (row: RunRow) => string | number | undefined> = {
  start_time: (row) => row.start_time,
  duration: (row) => (row.end_time ? (row.end_time - row.start_time) / 1_000 : undefined),
  user_id: (row) => row.user_id,
  run_name: (row) => row.run_name,
  status: (row) => row.status,
  run_id: (row) => row.run_id,
};

export const runValues = (runs: RunSet, fields: readonly string[], enabled: boolean) =>
  queryOptions({
    queryKey: ["runs", "values", runs, fields],
    queryFn: ({ signal }): Promise<RunValues> =>
      timed(NAME, () =>
        call(
          "headrace/runs/table",
          { ...runs, columns: asked(fields), max_results: MOST_RUNS },
          signal,
        ),
      ).then(({ rows = [], total }) => valuesOf(rows, total ?? rows.length, fields)),
    placeholderData: keepPreviousData,
    enabled,
    staleTime: LEAST_MS,
    refetchInterval: pace(NAME, LEAST_MS),
  });

const isAttribute = (field: string): boolean => parseField(field)?.kind === "attribute";
const asked = (fields: readonly string[]): string[] => [
  ...new Set(fields.filter((field) => !isAttribute(field))),
];

export function valuesOf(
  rows: readonly RunRow[],
  total: number,
  fields: readonly string[],
): RunValues {
  const sent = asked(fields);
  const columns = fields.map((field) => {
    const read = isAttribute(field)
      ? ATTRIBUTES[parseField(field)?.key ?? ""]
      : (row: RunRow) => row.values?.[sent.indexOf(field)] ?? undefined;
    return columnOf(
      field,
      rows.map((row) => read?.(row)),
    );
  });
  return { ids: rows.map((row) => row.run_id), names: rows.map(shownName), columns, total };
}

function columnOf(field: string, given: readonly (string | number | undefined)[]): Values {
  const texts = given.map((value) => (value === undefined ? undefined : String(value)));
  const numbers = texts.map((text) =>
    text === undefined || text.trim() === "" ? Number.NaN : Number(text),
  );
  const metric = parseField(field)?.kind === "metric";
  const numeric = metric || texts.every((text, i) => isNumber(text, numbers[i]));
  return { field, numeric, numbers, texts };
}

const isNumber = (text: string | undefined, number: number | undefined): boolean =>
  text === undefined || !Number.isNaN(number) || /^nan$/i.test(text);

/** The different texts of a column, in the order of people. */
export const categories = ({ texts }: Values): string[] =>
  [...new Set(texts.map(named))].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));

export const named = (text: string | undefined): string => text ?? "none";
