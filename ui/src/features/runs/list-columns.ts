import { queryOptions } from "@tanstack/react-query";
import { call } from "@/lib/call";
import { pace, timed } from "@/lib/live";

const NAME = "columns";
const LEAST_MS = 10_000;

/** The params, metrics and tags that runs of the experiments have. */
export const listColumns = (experimentIds: readonly string[]) =>
  queryOptions({
    queryKey: ["columns", experimentIds],
    queryFn: ({ signal }) =>
      timed(NAME, () =>
        call("headrace/runs/columns", { experiment_ids: [...experimentIds] }, signal),
      ),
    refetchInterval: pace(NAME, LEAST_MS),
  });
