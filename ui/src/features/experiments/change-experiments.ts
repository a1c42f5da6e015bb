import type { QueryClient } from "@tanstack/react-query";
import { told } from "@/components/notices";
import type { Experiment } from "@/lib/api-types";
import { call } from "@/lib/call";
import { counted } from "@/lib/format";

const NOTE = "mlflow.note.content";

export const noteOf = ({ tags }: Experiment): string =>
  tags?.find(({ key }) => key === NOTE)?.value ?? "";

/** A write to experiments, after which whatever shows any is asked for again. */
async function changed(
  queries: QueryClient,
  write: () => Promise<unknown>,
  done: string,
  undo: () => void,
): Promise<boolean> {
  const well = await told(write, done, undo);
  await shownAgain(queries);
  return well;
}

const shownAgain = (queries: QueryClient): Promise<unknown> =>
  Promise.all(
    ["experiments", "experiment", "experiment-summaries"].map((name) =>
      queries.invalidateQueries({ queryKey: [name] }),
    ),
  );

/** Makes an experiment; its id, or a refusal. */
export async function createExperiment(
  queries: QueryClient,
  name: string,
  note: string,
): Promise<string> {
  const tags = note === "" ? [] : [{ key: NOTE, value: note }];
  const { experiment_id = "" } = await call("experiments/create", { name, tags });
  await shownAgain(queries);
  return experiment_id;
}

export const renameExperiment = (
  queries: QueryClient,
  experiment: Experiment,
  name: string,
): Promise<boolean> => {
  const { experiment_id, name: old } = experiment;
  return changed(
    queries,
    () => call("experiments/update", { experiment_id, new_name: name }),
    `“${old}” is now “${name}”`,
    () => renameExperiment(queries, { ...experiment, name }, old),
  );
};

export const describeExperiment = (
  queries: QueryClient,
  experimentId: string,
  text: string,
  old: string,
): Promise<boolean> =>
  changed(
    queries,
    () =>
      call("experiments/set-experiment-tag", {
        experiment_id: experimentId,
        key: NOTE,
        value: text,
      }),
    "Description saved",
    () => describeExperiment(queries, experimentId, old, text),
  );

/** Deletes or restores experiments one after the other, and stops at the first that is refused. */
export const moveExperiments = (
  queries: QueryClient,
  change: "delete" | "restore",
  ids: readonly string[],
): Promise<boolean> => {
  const [past, back] =
    change === "delete" ? (["deleted", "restore"] as const) : (["restored", "delete"] as const);
  return changed(
    queries,
    async () => {
      for (const experiment_id of ids) await call(`experiments/${change}`, { experiment_id });
    },
    `${counted(ids.length, "experiment")} ${past}`,
    () => moveExperiments(queries, back, ids),
  );
};
