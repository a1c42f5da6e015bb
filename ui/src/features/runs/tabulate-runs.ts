import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { RunRow } from "@/lib/api-types";
import { call } from "@/lib/call";
import { LIVE_MS, pace, timed } from "@/lib/live";

export const BLOCK = 200;
const CHILDREN = 2_000;
const ROWS = "runs-rows";
const COUNT = "runs-count";
const EXTREMES_STALE_MS = 30_000;
const KEPT_MS = 60_000;

export const ACTIVE = 1;
export const DELETED = 2;
const ANY = 3;

/** Which runs a table is about. */
export interface RunSet {
  readonly experiment_ids: string[];
  readonly filter: string | undefined;
  readonly run_view_type: number;
}

/** In which order they stand, and what is shown of them. */
export interface RunTableQuestion {
  readonly runs: RunSet;
  readonly order_by: string[];
  readonly columns: string[];
}

/** The rows `[BLOCK * block, BLOCK * (block + 1))` of a table. */
export const runBlock = ({ runs, order_by, columns }: RunTableQuestion, block: number) =>
  queryOptions({
    queryKey: ["runs", "rows", runs, order_by, columns, block],
    queryFn: ({ signal }) =>
      timed(ROWS, () =>
        call(
          "headrace/runs/table",
          { ...runs, order_by, columns, offset: block * BLOCK, max_results: BLOCK, count: false },
          signal,
        ),
      ).then(({ rows = [] }) => rows),
    refetchInterval: pace(ROWS),
    // A long scroll passes many blocks; those that are far behind are read again when wanted.
    gcTime: KEPT_MS,
  });

/** How many runs there are in a set, exactly. */
export const runCount = (runs: RunSet) =>
  queryOptions({
    queryKey: ["runs", "count", runs],
    queryFn: ({ signal }) =>
      timed(COUNT, () => call("headrace/runs/table", { ...runs, max_results: 1 }, signal)).then(
        ({ total }) => total ?? 0,
      ),
    refetchInterval: pace(COUNT),
  });

/** The runs that say `parent` is their parent, whatever the table's filter is. */
export const childRuns = ({ runs, order_by, columns }: RunTableQuestion, parent: string) =>
  queryOptions({
    queryKey: ["runs", "children", parent, runs.run_view_type, order_by, columns],
    queryFn: ({ signal }) =>
      timed(ROWS, () =>
        call(
          "headrace/runs/table",
          {
            experiment_ids: runs.experiment_ids,
            run_view_type: runs.run_view_type,
            filter: `attributes.parent_run_id = '${parent.replaceAll("'", "''")}'`,
            order_by,
            columns,
            max_results: CHILDREN,
            count: false,
          },
          signal,
        ),
      ).then(({ rows = [] }) => rows),
    refetchInterval: pace(ROWS),
  });

/** The first value of a column in an order: its smallest or its largest among all runs of a set. */
export const extremeValue = (runs: RunSet, column: string, direction: "ASC" | "DESC") =>
  queryOptions({
    queryKey: ["runs", "extreme", runs, column, direction],
    queryFn: ({ signal }) =>
      call(
        "headrace/runs/table",
        {
          ...runs,
          order_by: [`${column} ${direction}`],
          columns: [column],
          max_results: 1,
          count: false,
        },
        signal,
      ).then(({ rows = [] }) => Number(rows[0]?.values?.[0] ?? Number.NaN)),
    staleTime: EXTREMES_STALE_MS,
  });

/** What the runs of these ids are called and whether they go on, by id. */
export const runsById = (runs: RunSet, ids: readonly string[]) =>
  queryOptions({
    queryKey: ["runs", "by-id", runs.experiment_ids, ids],
    queryFn: ({ signal }): Promise<RunRow[]> =>
      call(
        "headrace/runs/table",
        {
          experiment_ids: runs.experiment_ids,
          run_view_type: ANY,
          filter: `attributes.run_id IN (${ids.map((id) => `'${id.replaceAll("'", "''")}'`).join()})`,
          max_results: ids.length,
          count: false,
        },
        signal,
      ).then(({ rows = [] }) => rows),
    enabled: ids.length > 0,
    refetchInterval: pace(ROWS, 2 * LIVE_MS),
    placeholderData: keepPreviousData,
  });

/** The ids of the first runs of a set, in a table's order. */
export const runIds = ({ runs, order_by }: RunTableQuestion, most: number) =>
  queryOptions({
    queryKey: ["runs", "ids", runs, order_by, most],
    queryFn: ({ signal }) =>
      call(
        "headrace/runs/table",
        { ...runs, order_by, max_results: most, count: false },
        signal,
      ).then(({ rows = [] }) => rows.map((row) => row.run_id)),
    staleTime: 0,
  });
