import { queryOptions } from "@tanstack/react-query";
import { artifactAddress } from "@/features/artifacts/read-artifact";
import { ask } from "@/lib/call";
import { LIVE_MS, pace, timed } from "@/lib/live";
import { plain } from "./ansi";
import { BLOCK_BYTES, bytesOf, linesOf } from "./log-blocks";

const SEARCHED_BLOCKS = 32;
export const MOST_MATCHES = 5_000;
const SEARCH = "log-search";

export interface LogFile {
  readonly runId: string;
  readonly path: string;
  /** Whether it may still grow. */
  readonly live: boolean;
}

/** How long a file is, and which version of it that is. */
export const logState = ({ runId, path, live }: LogFile) =>
  queryOptions({
    queryKey: ["log-state", runId, path],
    queryFn: async ({ signal }) => {
      const { headers } = await ask(artifactAddress(runId, path), { method: "HEAD", signal });
      return { size: Number(headers.get("Content-Length")), etag: headers.get("ETag") ?? "" };
    },
    refetchInterval: live ? LIVE_MS : false,
  });

/** The beginning of the names of all that was read of a file. */
export const logKey = ({ runId, path }: LogFile) => ["log", runId, path];

/** The lines of a block. */
export const logBlock = (file: LogFile, block: number) =>
  queryOptions({
    queryKey: [...logKey(file), block],
    queryFn: ({ signal }) => readBlocks(file, block, block, signal).then(([lines = []]) => lines),
    staleTime: Number.POSITIVE_INFINITY,
  });

async function readBlocks(
  { runId, path }: LogFile,
  first: number,
  last: number,
  signal: AbortSignal,
): Promise<string[][]> {
  const [start, end] = bytesOf(first, last);
  const headers = { Range: `bytes=${start}-${end - 1}` };
  const response = await ask(artifactAddress(runId, path), { signal, headers });
  const data = new Uint8Array(await response.arrayBuffer());
  return Array.from({ length: last - first + 1 }, (_, i) => linesOf(data, start, first + i));
}

export interface Match {
  readonly block: number;
  readonly line: number;
  readonly text: string;
}

/** The lines of the first `size` bytes that hold `words`, whatever their case; the whole file is read for it. */
export const searchLog = (file: LogFile, words: string, size: number) =>
  queryOptions({
    queryKey: [SEARCH, file.runId, file.path, words],
    queryFn: ({ signal }) => timed(SEARCH, () => found(file, words.toLowerCase(), size, signal)),
    refetchInterval: file.live ? pace(SEARCH) : false,
    enabled: words !== "" && size > 0,
  });

async function found(
  file: LogFile,
  words: string,
  size: number,
  signal: AbortSignal,
): Promise<Match[]> {
  const matches: Match[] = [];
  const blocks = Math.ceil(size / BLOCK_BYTES);
  for (let at = 0; at < blocks && matches.length < MOST_MATCHES; at += SEARCHED_BLOCKS) {
    const last = Math.min(at + SEARCHED_BLOCKS, blocks) - 1;
    (await readBlocks(file, at, last, signal)).forEach((lines, i) => {
      lines.forEach((text, line) => {
        if (plain(text).toLowerCase().includes(words)) matches.push({ block: at + i, line, text });
      });
    });
  }
  return matches.slice(0, MOST_MATCHES);
}
