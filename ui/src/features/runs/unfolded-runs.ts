import { useQueries } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import type { RunRow } from "@/lib/api-types";
import type { Listed } from "./run-pages";
import { childRuns, type RunTableQuestion } from "./tabulate-runs";
import { linesBelow, type Unfolded } from "./unfold";

/** The children of the runs in `open`, below the rows of their parents. */
export function useUnfolded(
  question: RunTableQuestion,
  listed: Listed | undefined,
  open: readonly string[],
): { unfolded: readonly Unfolded[]; error: Error | null } {
  const children = useQueries({
    queries: open.map((parent) => childRuns(question, parent)),
    combine: (answers) => ({
      rows: answers.map((answer) => answer.data),
      error: answers.find((answer) => answer.error)?.error ?? null,
    }),
  });
  const placed = useRef<{ question: RunTableQuestion; at: Map<string, number> }>(undefined);
  const unfolded = useMemo(() => {
    if (!listed || open.length === 0) return [];
    if (placed.current?.question !== listed.question) {
      placed.current = { question: listed.question, at: new Map() };
    }
    // A parent that was scrolled away keeps its place, or everything below it would jump.
    const at = placed.current.at;
    for (const [index, row] of listed.rows) at.set(row.run_id, index);
    const known = new Map<string, readonly RunRow[]>();
    open.forEach((parent, i) => {
      const rows = children.rows[i];
      if (rows) known.set(parent, rows);
    });
    return open
      .flatMap((parent) => {
        const index = at.get(parent);
        return index === undefined ? [] : [{ index, lines: linesBelow(parent, known) }];
      })
      .sort((a, b) => a.index - b.index);
  }, [listed, open, children.rows]);
  return { unfolded, error: children.error };
}
