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
  const [past, back] =
    change === "delete" ? (["deleted", "restore"] as const) : (["restored", "delete"] as const);
  await changed(
    queries,
    runIds,
    (run_id) => call(`runs/${change}`, { run_id }),
    past,
    () => changeRuns(queries, back, runIds),
  );
}

/** Sets a tag on runs, says so, and offers the way back to what each had. */
export async function tagRuns(
  queries: QueryClient,
  runIds: readonly string[],
  key: string,
  value: string,
): Promise<void> {
  const before = new Map<string, string | undefined>();
  const set = async (run_id: string) => {
    const { run } = await call("runs/get", { run_id });
    before.set(run_id, run.data.tags?.find((tag) => tag.key === key)?.value);
    await call("runs/set-tag", { run_id, key, value });
  };
  const reset = (run_id: string) => {
    const old = before.get(run_id);
    return old === undefined
      ? call("runs/delete-tag", { run_id, key })
      : call("runs/set-tag", { run_id, key, value: old });
  };
  await changed(queries, runIds, set, `tagged ${key}`, () =>
    changed(queries, [...before.keys()], reset, `${key} as before`),
  );
}

async function changed(
  queries: QueryClient,
  runIds: readonly string[],
  act: (runId: string) => Promise<unknown>,
  past: string,
  undo?: () => void,
): Promise<void> {
  const failures = await each(runIds, act);
  await Promise.all(
    [["runs"], ["run"], ["columns"], ["experiment-summaries"]].map((queryKey) =>
      queries.invalidateQueries({ queryKey }),
    ),
  );
  const done = runIds.length - failures.length;
  if (done > 0) notify(`${counted(done, "run")} ${past}`, { undo });
  if (failures[0]) {
    const text = `${counted(failures.length, "run")} could not be changed: ${failures[0].message}`;
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
