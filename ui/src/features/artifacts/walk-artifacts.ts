import { queryOptions } from "@tanstack/react-query";
import type { FileInfo } from "@/lib/api-types";
import { call } from "@/lib/call";

const MOST_FOLDERS = 200;

export interface Walked {
  readonly files: readonly FileInfo[];
  /** Whether that is all of them. */
  readonly whole: boolean;
}

/** The files of a run, those in folders too. */
export const walkArtifacts = (runId: string) =>
  queryOptions({
    queryKey: ["artifacts", runId, "walked"],
    queryFn: ({ signal }) => walked(runId, signal),
    staleTime: 30_000,
  });

async function walked(runId: string, signal: AbortSignal): Promise<Walked> {
  const files: FileInfo[] = [];
  let folders = [""];
  let read = 0;
  while (folders.length > 0 && read < MOST_FOLDERS) {
    const next = folders.slice(0, MOST_FOLDERS - read);
    const beyond = folders.slice(next.length);
    read += next.length;
    const lists = await Promise.all(
      next.map((path) => call("artifacts/list", { run_id: runId, path: path || null }, signal)),
    );
    const found = lists.flatMap((list) => list.files ?? []);
    files.push(...found.filter((file) => !file.is_dir));
    folders = [...beyond, ...found.filter((file) => file.is_dir).map(({ path }) => path)];
  }
  return { files, whole: folders.length === 0 };
}
