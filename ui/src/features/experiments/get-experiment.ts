import { queryOptions } from "@tanstack/react-query";
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
