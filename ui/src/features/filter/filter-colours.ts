/** The parts of a filter's text by what they look like: colour for the eye, the server decides what it means. */

export type PartKind = "text" | "number" | "word" | "field" | "other";

export interface Part {
  readonly start: number;
  readonly text: string;
  readonly kind: PartKind;
}

const WORDS = "and|or|not|in|like|ilike|between|is|null";
const PARTS: readonly (readonly [PartKind, string])[] = [
  ["field", String.raw`[A-Za-z]\w*\.(?:\`[^\`]*\`?|"[^"]*"?|[\w.:/-]+)|\`[^\`]*\`?`],
  ["text", `"[^"]*"?|'[^']*'?`],
  ["number", String.raw`[+-]?\b\d+(?:\.\d*)?(?:e[+-]?\d+)?\b`],
  ["word", String.raw`\b(?:${WORDS})\b`],
  ["field", String.raw`\b[A-Za-z_]\w*\b(?!\s*\()`],
];
const PART = new RegExp(PARTS.map(([, source]) => `(${source})`).join("|"), "gi");

export function coloured(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const found of text.matchAll(PART)) {
    if (found.index > end) parts.push(other(text, end, found.index));
    const kind = PARTS[found.slice(1).findIndex((part) => part !== undefined)]?.[0] ?? "other";
    parts.push({ start: found.index, text: found[0], kind });
    end = found.index + found[0].length;
  }
  if (end < text.length) parts.push(other(text, end, text.length));
  return parts;
}

const other = (text: string, start: number, end: number): Part => ({
  start,
  text: text.slice(start, end),
  kind: "other",
});
