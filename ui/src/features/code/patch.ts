import { parsePatch } from "diff";

/** A line of a patch as it stands, with its numbers in the old and the new file; 0 where it is in one alone. */
export interface PatchLine {
  readonly kind: "same" | "gone" | "new" | "part";
  readonly old: number;
  readonly now: number;
  readonly text: string;
}

export interface PatchedFile {
  readonly name: string;
  readonly added: number;
  readonly removed: number;
  readonly lines: readonly PatchLine[];
}

/** The files that a patch of Git changes: none, or undefined, for a text that is no such patch. */
export function patchedFiles(text: string): PatchedFile[] | undefined {
  try {
    const files = parsePatch(text).filter((file) => file.oldFileName ?? file.newFileName);
    return files.map((file) => {
      const lines = file.hunks.flatMap((hunk) => [
        part(`@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`),
        ...numbered(hunk.lines, hunk.oldStart, hunk.newStart),
      ]);
      return {
        name: nameOf(file.oldFileName, file.newFileName),
        added: lines.filter(({ kind }) => kind === "new").length,
        removed: lines.filter(({ kind }) => kind === "gone").length,
        lines,
      };
    });
  } catch {
    // The library refuses what it cannot read with errors of no kind of their own.
    return undefined;
  }
}

const part = (text: string): PatchLine => ({ kind: "part", old: 0, now: 0, text });

function numbered(lines: readonly string[], oldStart: number, newStart: number): PatchLine[] {
  let [old, now] = [oldStart, newStart];
  return lines.map((line) => {
    const text = line.slice(1);
    if (line.startsWith("-")) return { kind: "gone", old: old++, now: 0, text };
    if (line.startsWith("+")) return { kind: "new", old: 0, now: now++, text };
    if (line.startsWith("\\")) return part(line);
    return { kind: "same", old: old++, now: now++, text };
  });
}

function nameOf(old = "", now = ""): string {
  const [from, to] = [old, now].map((name) => name.replace(/^[ab]\//, ""));
  if (to === "/dev/null" || !to) return `${from} (deleted)`;
  if (from === "/dev/null") return `${to} (new)`;
  return from && from !== to ? `${from} → ${to}` : to;
}
