import { queryOptions } from "@tanstack/react-query";
import { address, ask } from "@/lib/call";

/** As much of a file as a preview shows. */
export const SHOWN_BYTES = 512 * 1024;

export const artifactAddress = (runId: string, path: string): string =>
  address("get-artifact", { run_id: runId, path });

/** A folder with all below it as one ZIP file; the folder `""` is the root. */
export const archiveAddress = (runId: string, path: string): string =>
  address("ajax-api/2.0/headrace/artifacts/archive", { run_id: runId, path: path || undefined });

/** All files of a logged model as one ZIP file. */
export const archiveOfModel = (modelId: string): string =>
  address("ajax-api/2.0/headrace/artifacts/archive", { model_id: modelId });

export interface Beginning {
  readonly text: string;
  readonly whole: boolean;
}

/** The beginning of a file as text. */
export const readArtifact = (runId: string, path: string, most = SHOWN_BYTES) =>
  queryOptions({
    queryKey: ["artifact", runId, path, most],
    queryFn: async ({ signal }): Promise<Beginning> => {
      const headers = { Range: `bytes=0-${most - 1}` };
      const response = await ask(artifactAddress(runId, path), { signal, headers });
      const size = Number(/\/(\d+)$/.exec(response.headers.get("Content-Range") ?? "")?.[1] ?? 0);
      return { text: await response.text(), whole: size <= most };
    },
    staleTime: 30_000,
  });

/** The beginning of a file as bytes. */
export const readBytes = (runId: string, path: string, most = SHOWN_BYTES) =>
  queryOptions({
    queryKey: ["artifact-bytes", runId, path, most],
    queryFn: async ({ signal }): Promise<ArrayBuffer> => {
      const headers = { Range: `bytes=0-${most - 1}` };
      return (await ask(artifactAddress(runId, path), { signal, headers })).arrayBuffer();
    },
    staleTime: 30_000,
  });
