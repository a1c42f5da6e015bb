import type { RunRow } from "@/lib/api-types";

/** A line of the table: a run at its depth below the runs that the table lists. */
export interface Line {
  readonly row: RunRow;
  readonly depth: number;
}

/** The lines below the listed run at `index`. */
export interface Unfolded {
  readonly index: number;
  readonly lines: readonly Line[];
}

/** All lines below `parent`: its children, and theirs where they are unfolded too. */
export function linesBelow(
  parent: string,
  children: ReadonlyMap<string, readonly RunRow[]>,
  depth = 1,
  above: ReadonlySet<string> = new Set([parent]),
): Line[] {
  return (children.get(parent) ?? []).flatMap((row) => {
    // A run that says it is its own ancestor is shown once.
    if (above.has(row.run_id)) return [];
    const within = new Set(above).add(row.run_id);
    return [{ row, depth }, ...linesBelow(row.run_id, children, depth + 1, within)];
  });
}

export const lineCount = (listed: number, unfolded: readonly Unfolded[]): number =>
  unfolded.reduce((sum, { lines }) => sum + lines.length, listed);

/** What stands at `position`: a listed run by its index, or a line below one. */
export function lineAt(unfolded: readonly Unfolded[], position: number): number | Line {
  let shift = 0;
  for (const { index, lines } of unfolded) {
    if (position <= index + shift) break;
    const line = lines[position - index - shift - 1];
    if (line) return line;
    shift += lines.length;
  }
  return position - shift;
}
