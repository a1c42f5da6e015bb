import { queryOptions } from "@tanstack/react-query";
import { call } from "@/lib/call";
import { LIVE_MS, pace, timed } from "@/lib/live";

const NAME = "run";
const RUNNING_MS = 800;
const ENDED_MS = 5 * LIVE_MS;

/** A run with its params, tags, latest metrics and datasets; asked for often while it goes on. */
export const getRun = (runId: string) =>
  queryOptions({
    queryKey: ["run", runId],
    queryFn: ({ signal }) =>
      timed(NAME, () => call("runs/get", { run_id: runId }, signal)).then((answer) => answer.run),
    refetchInterval: ({ state }) =>
      pace(NAME, state.data?.info.status === "RUNNING" ? RUNNING_MS : ENDED_MS)(),
  });
