import { queryOptions, useQueries } from "@tanstack/react-query";
import { call } from "@/lib/call";

export const getExperiment = (experimentId: string) =>
  queryOptions({
    queryKey: ["experiment", experimentId],
    queryFn: ({ signal }) =>
      call("experiments/get", { experiment_id: experimentId }, signal).then(
        (answer) => answer.experiment,
      ),
    staleTime: 30_000,
  });

/** Those experiments of several that are known by now, and what kept one from being. */
export const useExperiments = (experimentIds: readonly string[]) =>
  useQueries({
    queries: experimentIds.map(getExperiment),
    combine: (found) => ({
      experiments: found.flatMap(({ data }) => data ?? []),
      error: found.find(({ error }) => error)?.error ?? null,
      refetch: () => {
        for (const one of found) one.refetch();
      },
    }),
  });
