import { queryOptions } from "@tanstack/react-query";
import { call } from "@/lib/call";

const MOST = 50;
const FRESH_MS = 30_000;

/** Values that runs of experiments have in a column, of those that begin so. */
export const listValues = (experimentIds: readonly string[], column: string, prefix: string) =>
  queryOptions({
    queryKey: ["values", experimentIds, column, prefix],
    queryFn: async ({ signal }) => {
      const question = { experiment_ids: [...experimentIds], column, prefix, max_results: MOST };
      return (await call("headrace/runs/values", question, signal)).values ?? [];
    },
    staleTime: FRESH_MS,
    retry: false,
  });
