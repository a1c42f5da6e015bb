import type { Experiment, ExperimentSummary } from "@/lib/api-types";

export interface ExperimentLine {
  readonly experiment: Experiment;
  readonly summary: ExperimentSummary | undefined;
}

export const SORTS = ["name", "runs", "running", "activity", "created"] as const;
export type ExperimentSort = (typeof SORTS)[number];

/** What happened last in an experiment: its newest run, or its own creation. */
export function lastActivity({ experiment, summary }: ExperimentLine): number {
  return summary?.last_activity ?? experiment.last_update_time ?? experiment.creation_time ?? 0;
}
