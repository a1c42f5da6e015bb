import type { QueryClient } from "@tanstack/react-query";
import { notify } from "@/components/notices";
import { call } from "@/lib/call";
import { counted } from "@/lib/format";

const AT_ONCE = 8;

/** Deletes or restores runs, says so, and offers the way back. */
export async function changeRuns(
  queries: QueryClient,
  change: "delete" | "restore",
  runIds: readonly string[],
): Promise<void> {
  const failures = await each(runIds, (run_id) => call(`runs/${change}`, { run_id }));
  await Promise.all([
    queries.invalidateQueries({ queryKey: ["runs"] }),
    queries.invalidateQueries({ queryKey: ["run"] }),
    queries.invalidateQueries({ queryKey: ["experiment-summaries"] }),
  ]);
  const done = runIds.length - failures.length;
  const [past, back] = change === "delete" ? ["deleted", "restore"] : ["restored", "delete"];
  if (done > 0) {
    notify(`${counted(done, "run")} ${past}`, {
      undo: () => changeRuns(queries, back as "delete" | "restore", runIds),
    });
  }
  if (failures[0]) {
    const text = `${counted(failures.length, "run")} could not be ${past}: ${failures[0].message}`;
    notify(text, { bad: true });
  }
}

async function each(ids: readonly string[], act: (id: string) => Promise<unknown>) {
  const waiting = [...ids];
  const failures: Error[] = [];
  const work = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      await act(id).catch((error: Error) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return failures;
}
