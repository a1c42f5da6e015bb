import type { QueryClient } from "@tanstack/react-query";
import { told } from "@/components/notices";
import type { Experiment } from "@/lib/api-types";
import { call } from "@/lib/call";

/** A question, its columns and its charts, by a name; kept as a tag of the experiment, for everybody. */
export interface SavedView {
  readonly name: string;
  /** The part of an address after `?`. */
  readonly search: string;
}

const TAG = "headrace.view.";

export const viewsOf = (experiment: Experiment | undefined): SavedView[] =>
  (experiment?.tags ?? [])
    .filter(({ key }) => key.startsWith(TAG))
    .map(({ key, value = "" }) => ({ name: key.slice(TAG.length), search: value }))
    .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));

export function saveView(
  queries: QueryClient,
  experiment: Experiment,
  { name, search }: SavedView,
): Promise<boolean> {
  const old = viewsOf(experiment).find((view) => view.name === name);
  const back = () =>
    old ? saveView(queries, experiment, old) : removeView(queries, experiment, { name, search });
  return write(
    queries,
    experiment,
    () =>
      call("experiments/set-experiment-tag", {
        experiment_id: experiment.experiment_id,
        key: TAG + name,
        value: search,
      }),
    `View “${name}” saved`,
    back,
  );
}

export const removeView = (
  queries: QueryClient,
  experiment: Experiment,
  view: SavedView,
): Promise<boolean> =>
  write(
    queries,
    experiment,
    () =>
      call("experiments/delete-experiment-tag", {
        experiment_id: experiment.experiment_id,
        key: TAG + view.name,
      }),
    `View “${view.name}” deleted`,
    () => saveView(queries, experiment, view),
  );

async function write(
  queries: QueryClient,
  { experiment_id }: Experiment,
  act: () => Promise<unknown>,
  done: string,
  back: () => void,
): Promise<boolean> {
  const well = await told(act, done, back);
  await queries.invalidateQueries({ queryKey: ["experiment", experiment_id] });
  return well;
}
