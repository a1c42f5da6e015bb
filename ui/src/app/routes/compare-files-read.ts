import { useQueries, useQueryClient } from "@tanstack/react-query";
import { fileIfAny } from "@/features/artifacts/file-if-any";
import { type Walked, walkArtifacts } from "@/features/artifacts/walk-artifacts";

/** What was asked for each run, all together once all are there. */
interface Together<T> {
  readonly data: readonly T[] | undefined;
  readonly error: Error | null;
  readonly retry: () => void;
}

interface Asked<T> {
  readonly data: T | undefined;
  readonly error: Error | null;
  readonly refetch: () => unknown;
}

function together<T>(asked: readonly Asked<T>[]): Together<T> {
  const there = asked.flatMap(({ data }) => (data === undefined ? [] : [data]));
  return {
    data: there.length === asked.length ? there : undefined,
    error: asked.find(({ error }) => error)?.error ?? null,
    retry: () => {
      for (const { error, refetch } of asked) if (error) refetch();
    },
  };
}

/** The text of one file of each run, `""` where a run has none. */
export function useFileOfEach(runIds: readonly string[], path: string): Together<string> {
  const queries = useQueryClient();
  return useQueries({
    queries: runIds.map((id) => ({
      ...fileIfAny(queries, id, path),
    })),
    combine: (asked) => {
      const { data, ...rest } = together(asked);
      return { ...rest, data: data?.map((file) => file?.text ?? "") };
    },
  });
}

/** All files of each run. */
export const useFilesOfEach = (runIds: readonly string[]): Together<Walked> =>
  useQueries({ queries: runIds.map((id) => walkArtifacts(id)), combine: together });
