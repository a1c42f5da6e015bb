import { useQuery } from "@tanstack/react-query";
import { getExperiment } from "./get-experiment";

/** What an experiment is called; its id until that is known. */
export function ExperimentName({ experimentId }: { experimentId: string }) {
  return useQuery(getExperiment(experimentId)).data?.name ?? experimentId;
}
