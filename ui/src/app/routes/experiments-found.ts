import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { searchExperiments } from "@/features/experiments/search-experiments";
import { summarizeExperiments } from "@/features/experiments/summarize-experiments";

/** The experiments that are searched for, all of them, with what goes on in them. */
export function useExperiments(text: string, deleted: boolean) {
  const found = useInfiniteQuery(searchExperiments(text, deleted));
  const { hasNextPage, isFetching, fetchNextPage, data } = found;
  useEffect(() => {
    if (hasNextPage && !isFetching) fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  const experiments = useMemo(
    () => data?.pages.flatMap((page) => page.experiments ?? []) ?? [],
    [data],
  );
  const ids = useMemo(() => experiments.map((each) => each.experiment_id), [experiments]);
  const summaries = useQuery(summarizeExperiments(ids));
  const known = summaries.data;
  const lines = useMemo(
    () =>
      experiments.map((experiment) => ({
        experiment,
        summary: known?.get(experiment.experiment_id),
      })),
    [experiments, known],
  );
  return {
    lines,
    loaded: data !== undefined,
    ready: known !== undefined,
    runs: [...(known?.values() ?? [])].reduce((sum, each) => sum + (each.active_runs ?? 0), 0),
    error: found.error ?? summaries.error,
    refetch: found.refetch,
  };
}
