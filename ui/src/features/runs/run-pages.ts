import { useQueries, useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import type { RunRow } from "@/lib/api-types";
import { BLOCK, type RunTableQuestion, runBlock, runCount } from "./tabulate-runs";

/** The rows of a table that are there, by their index. */
export interface Listed {
  readonly question: RunTableQuestion;
  readonly total: number;
  readonly rows: ReadonlyMap<number, RunRow>;
}

export interface RunPages {
  /** What to draw; while a new question has no answer yet, the answer to the last one. */
  readonly listed: Listed | undefined;
  readonly stale: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
}

/** Reads the blocks `first` to `last` of a table, and how many rows it has in all. */
export function useRunPages(question: RunTableQuestion, first: number, last: number): RunPages {
  const wanted = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const blocks = useQueries({ queries: wanted.map((block) => runBlock(question, block)) });
  const answers = blocks.map((block) => block.data);
  const counted = useQuery({
    ...runCount(question.runs),
    // To count many runs takes longer than to read a page of them, which is what somebody waits for.
    enabled: answers.some((rows) => rows !== undefined),
  });
  const shown = useRef<Listed>(undefined);
  const listed = useListed(question, wanted, answers, counted.data);
  if (listed) shown.current = listed;
  const failed = [...blocks, counted].find((query) => query.error);
  return {
    listed: shown.current,
    stale: listed === undefined && shown.current?.question !== question,
    error: failed?.error ?? null,
    retry: () => {
      for (const query of [...blocks, counted]) if (query.error) query.refetch();
    },
  };
}

/** The same object as long as all parts are the same, so that nothing is drawn for nothing. */
function useListed(
  question: RunTableQuestion,
  wanted: readonly number[],
  answers: readonly (readonly RunRow[] | undefined)[],
  counted: number | undefined,
): Listed | undefined {
  const last = useRef<{ parts: readonly unknown[]; listed: Listed | undefined }>(undefined);
  const parts = [question, counted, ...wanted, ...answers];
  const known = last.current;
  if (known && same(known.parts, parts)) return known.listed;
  const listed = answers.some((rows) => rows !== undefined)
    ? joined(question, wanted, answers, counted)
    : undefined;
  last.current = { parts, listed };
  return listed;
}

const same = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((part, i) => part === b[i]);

function joined(
  question: RunTableQuestion,
  wanted: readonly number[],
  answers: readonly (readonly RunRow[] | undefined)[],
  counted: number | undefined,
): Listed {
  const rows = new Map<number, RunRow>();
  answers.forEach((block, i) => {
    const start = (wanted[i] ?? 0) * BLOCK;
    block?.forEach((row, at) => {
      rows.set(start + at, row);
    });
  });
  // Until the count is there, the rows that are known make the table's length.
  const reached = Math.max(-1, ...rows.keys()) + 1;
  return { question, total: counted ?? reached, rows };
}
