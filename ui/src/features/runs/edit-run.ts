import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { told } from "@/components/notices";
import type { Operations, Run } from "@/lib/api-types";
import { call } from "@/lib/call";
import { shownName } from "@/lib/run-name";

type Edit = "runs/update" | "runs/set-tag" | "runs/delete-tag";
type Question<E extends Edit> = Omit<Operations[E]["question"], "run_id">;

/** The edits of a run: each is told with the way back, and what shows the run is asked for again. */
export function useRunEdits(run: Run) {
  const queries = useQueryClient();
  const { run_id } = run.info;
  const write = async <E extends Edit>(edit: E, question: Question<E>) => {
    await call(edit, { ...question, run_id } as Operations[E]["question"]);
    await shownAgain(queries, run_id);
  };
  const setTag = (key: string, value: string, noun = `Tag “${key}”`): Promise<boolean> => {
    const old = run.data.tags?.find((tag) => tag.key === key)?.value;
    const back = () =>
      old === undefined
        ? told(() => write("runs/delete-tag", { key }), `${noun} deleted`)
        : told(() => write("runs/set-tag", { key, value: old }), `${noun} as before`);
    return told(() => write("runs/set-tag", { key, value }), `${noun} saved`, back);
  };
  return {
    setTag,
    rename: (run_name: string) => {
      const old = shownName(run.info);
      const renamed = (to: string) => () => write("runs/update", { run_name: to });
      const back = () => told(renamed(old), `Named “${old}” again`);
      return told(renamed(run_name), `“${old}” is now “${run_name}”`, back);
    },
    deleteTag: (key: string) => {
      const value = run.data.tags?.find((tag) => tag.key === key)?.value ?? "";
      const back = () => told(() => write("runs/set-tag", { key, value }), `Tag “${key}” is back`);
      return told(() => write("runs/delete-tag", { key }), `Tag “${key}” deleted`, back);
    },
  };
}

const shownAgain = (queries: QueryClient, runId: string): Promise<unknown> =>
  Promise.all([
    queries.invalidateQueries({ queryKey: ["run", runId] }),
    queries.invalidateQueries({ queryKey: ["runs"] }),
  ]);
