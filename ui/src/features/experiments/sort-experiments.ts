import type { Experiment, ExperimentSummary } from "@/lib/api-types";

export interface ExperimentLine {
  readonly experiment: Experiment;
  readonly summary: ExperimentSummary | undefined;
}

export const SORTS = ["name", "runs", "running", "activity", "created"] as const;
export type ExperimentSort = (typeof SORTS)[number];

const VALUE: Record<ExperimentSort, (line: ExperimentLine) => string | number> = {
  name: ({ experiment }) => experiment.name.toLowerCase(),
  runs: ({ summary }) => summary?.active_runs ?? 0,
  running: ({ summary }) => summary?.running_runs ?? 0,
  activity: lastActivity,
  created: ({ experiment }) => experiment.creation_time ?? 0,
};

/** What happened last in an experiment: its newest run, or its own creation. */
export function lastActivity({ experiment, summary }: ExperimentLine): number {
  return summary?.last_activity ?? experiment.last_update_time ?? experiment.creation_time ?? 0;
}

/** `-runs` is by runs, largest first. */
export function sorted(lines: readonly ExperimentLine[], by: string): ExperimentLine[] {
  const descending = by.startsWith("-");
  const name = (descending ? by.slice(1) : by) as ExperimentSort;
  const value = VALUE[name] ?? VALUE.activity;
  const sign = descending ? -1 : 1;
  return [...lines].sort((a, b) => sign * compared(value(a), value(b)));
}

function compared(a: string | number, b: string | number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
