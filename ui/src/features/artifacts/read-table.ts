import { infiniteQueryOptions } from "@tanstack/react-query";
import type { TablePage } from "@/lib/api-types";
import { call } from "@/lib/call";

const PAGE_ROWS = 200;
const LEAST_CHARACTERS = 5;
const MOST_CHARACTERS = 40;

/** The rows of a CSV, TSV or Parquet file, page by page. */
export const readTable = (runId: string, path: string) =>
  infiniteQueryOptions({
    queryKey: ["artifact-table", runId, path],
    queryFn: ({ pageParam, signal }) =>
      call(
        "headrace/artifacts/table",
        { run_id: runId, path, max_results: PAGE_ROWS, page_token: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_page_token ?? undefined,
    staleTime: 30_000,
  });

export interface ShownColumn {
  readonly name: string;
  /** Empty where the file names none. */
  readonly type: string;
  /** The width, in characters. */
  readonly width: number;
}

/** The columns of a table as wide as what its first page holds; rows longer than the head have some too. */
export function columnsOf(first: TablePage): ShownColumn[] {
  const count = Math.max(first.columns.length, ...first.rows.map((row) => row.length));
  return Array.from({ length: count }, (_, i) => {
    const { name = "", type = "text" } = first.columns[i] ?? {};
    const told = type === "text" ? "" : type;
    const longest = Math.max(
      name.length + told.length,
      ...first.rows.map((row) => row[i]?.length ?? 0),
    );
    return {
      name,
      type: told,
      width: Math.min(MOST_CHARACTERS, Math.max(LEAST_CHARACTERS, longest)),
    };
  });
}
