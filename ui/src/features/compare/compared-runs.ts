import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Run } from "@/lib/api-types";
import { call } from "@/lib/call";
import { LIVE_MS, pace, timed } from "@/lib/live";

export const MOST_RUNS = 500;
const NAME = "compared-runs";
const ENDED_MS = 15 * LIVE_MS;
const ANY = 3;

/** The runs of these ids with all that was logged but files, in the order of the ids; who is gone is left out. */
export const comparedRuns = (ids: readonly string[], experimentIds: readonly string[]) =>
  queryOptions({
    queryKey: ["runs", "compared", ids],
    queryFn: ({ signal }) => timed(NAME, () => fetched(ids, experimentIds, signal)),
    enabled: ids.length > 0 && experimentIds.length > 0,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => {
      const running = state.data?.some(({ info }) => info.status === "RUNNING");
      return pace(NAME, running ? LIVE_MS : ENDED_MS)();
    },
  });

async function fetched(
  ids: readonly string[],
  experimentIds: readonly string[],
  signal: AbortSignal,
): Promise<Run[]> {
  const list = ids.map((id) => `'${id.replaceAll("'", "''")}'`).join();
  const question = {
    experiment_ids: [...experimentIds],
    filter: `attributes.run_id IN (${list})`,
    run_view_type: ANY,
    max_results: ids.length,
  };
  const found = new Map<string, Run>();
  let page_token: string | undefined;
  do {
    const answer = await call("runs/search", { ...question, page_token }, signal);
    for (const run of answer.runs ?? []) found.set(run.info.run_id, run);
    page_token = answer.next_page_token || undefined;
  } while (page_token);
  return ids.flatMap((id) => found.get(id) ?? []);
}
