import { diffArrays } from "diff";

/** A line of two texts beside each other; `0` stands for what the other text has alone. */
export interface DiffLine {
  readonly kind: "same" | "changed";
  readonly left: number;
  readonly right: number;
  readonly leftText: string;
  readonly rightText: string;
}

/** Equal lines that are not shown, because nothing near them differs. */
export interface Gap {
  readonly kind: "gap";
  readonly lines: readonly DiffLine[];
}

const CONTEXT = 3;

/** Two texts line by line, lines that took each other's place beside each other. */
export function diffLines(left: string, right: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let [atLeft, atRight] = [0, 0];
  let removed: string[] = [];
  const put = (gone: readonly string[], come: readonly string[]) => {
    for (let i = 0; i < Math.max(gone.length, come.length); i++) {
      const [one, other] = [gone[i], come[i]];
      lines.push({
        kind: "changed",
        left: one === undefined ? 0 : ++atLeft,
        right: other === undefined ? 0 : ++atRight,
        leftText: one ?? "",
        rightText: other ?? "",
      });
    }
  };
  for (const { added, removed: gone, value } of diffArrays(split(left), split(right))) {
    if (gone) {
      put(removed, []);
      removed = value;
      continue;
    }
    put(removed, added ? value : []);
    removed = [];
    if (added) continue;
    for (const text of value) {
      lines.push({
        kind: "same",
        left: ++atLeft,
        right: ++atRight,
        leftText: text,
        rightText: text,
      });
    }
  }
  put(removed, []);
  return lines;
}

/** The lines with what is equal folded, but for a few around each difference. */
export function folded(lines: readonly DiffLine[]): (DiffLine | Gap)[] {
  const near = new Set<number>();
  lines.forEach(({ kind }, at) => {
    if (kind === "changed") for (let i = at - CONTEXT; i <= at + CONTEXT; i++) near.add(i);
  });
  const shown: (DiffLine | Gap)[] = [];
  let gap: DiffLine[] = [];
  const close = () => {
    if (gap.length > 0) shown.push({ kind: "gap", lines: gap });
    gap = [];
  };
  lines.forEach((line, at) => {
    if (near.has(at)) {
      close();
      shown.push(line);
    } else gap.push(line);
  });
  close();
  return shown;
}

/** A text's lines; a last line without an end is one like the others. */
function split(text: string): string[] {
  if (text === "") return [];
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
