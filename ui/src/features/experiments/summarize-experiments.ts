import { queryOptions } from "@tanstack/react-query";
import type { ExperimentSummary } from "@/lib/api-types";
import { call } from "@/lib/call";
import { pace, timed } from "@/lib/live";

const NAME = "summaries";

/** Counts and last activity, by experiment id. */
export const summarizeExperiments = (experimentIds: readonly string[]) =>
  queryOptions({
    queryKey: ["experiment-summaries", experimentIds],
    queryFn: ({ signal }) =>
      timed(NAME, () =>
        call("headrace/experiments/summaries", { experiment_ids: [...experimentIds] }, signal),
      ).then(({ summaries = [] }) => summaries),
    select: byId,
    enabled: experimentIds.length > 0,
    refetchInterval: pace(NAME),
  });

const byId = (summaries: ExperimentSummary[]): ReadonlyMap<string, ExperimentSummary> =>
  new Map(summaries.map((summary) => [summary.experiment_id, summary]));
