import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { Refusal } from "@/lib/call";
import { readArtifact } from "./read-artifact";

/** A file's text; null where the run has no such file. */
export const fileIfAny = (queries: QueryClient, runId: string, path: string) =>
  queryOptions({
    queryKey: ["artifact-if-any", runId, path],
    queryFn: () =>
      queries.fetchQuery(readArtifact(runId, path)).catch((error: unknown) => {
        if (error instanceof Refusal && error.status === 404) return null;
        throw error;
      }),
    staleTime: 30_000,
  });
