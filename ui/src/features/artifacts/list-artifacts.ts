import { queryOptions } from "@tanstack/react-query";
import { call } from "@/lib/call";
import { LIVE_MS } from "@/lib/live";

const LEAST_MS = 5 * LIVE_MS;

/** What a folder of a run's artifacts holds; the folder `""` is the root. */
export const listArtifacts = (runId: string, path: string) =>
  queryOptions({
    queryKey: ["artifacts", runId, path],
    queryFn: ({ signal }) =>
      call("artifacts/list", { run_id: runId, path: path || null }, signal).then(({ files = [] }) =>
        files.sort((a, b) => Number(b.is_dir ?? false) - Number(a.is_dir ?? false)),
      ),
    refetchInterval: LEAST_MS,
  });
