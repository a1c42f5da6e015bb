/** What may stand at a place of a filter, from what stands before it; the server alone judges the whole. */

export type Want = "field" | "operator" | "value" | "null" | "join" | "nothing";

/** The part of a filter that is being typed. */
export interface Gap {
  readonly start: number;
  readonly end: number;
  readonly typed: string;
  readonly want: Want;
  /** The field that an operator or a value is for, as it was written. */
  readonly field: string | undefined;
}

type Kind = "text" | "field" | "number" | "word" | "sign" | "mark";

interface Token {
  readonly kind: Kind;
  readonly text: string;
  readonly end: number;
}

const TOKENS: readonly (readonly [Kind, string])[] = [
  ["text", `"[^"]*"?|'[^']*'?`],
  ["field", String.raw`[A-Za-z]\w*\.(?:\`[^\`]*\`?|"[^"]*"?|[\w.:/-]*)|\`[^\`]*\`?`],
  ["number", String.raw`[+-]?\d[\w.+-]*`],
  ["word", String.raw`[A-Za-z_]\w*`],
  ["sign", "[<>=!]+"],
  ["mark", "[(),]"],
];
const TOKEN = new RegExp(TOKENS.map(([, source]) => `(${source})`).join("|"), "g");

export function gapAt(text: string, cursor: number): Gap {
  const before = tokensOf(text.slice(0, cursor));
  const last = before.at(-1);
  const open = last !== undefined && last.end === cursor && isOpen(last);
  const typed = open ? last.text : "";
  const { want, field } = wanted(open ? before.slice(0, -1) : before);
  return { start: cursor - typed.length, end: cursor, typed, want, field };
}

function tokensOf(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map((found) => {
    const kind = TOKENS[found.slice(1).findIndex((part) => part !== undefined)]?.[0] ?? "mark";
    return { kind, text: found[0], end: found.index + found[0].length };
  });
}

/** Whether more characters would still belong to the token. */
function isOpen({ kind, text }: Token): boolean {
  if (kind === "text") return text.length === 1 || text.at(-1) !== text[0];
  if (kind === "field") return !/(?:.`[^`]*`|^`[^`]+`|"[^"]*")$/.test(text);
  return kind === "word" || kind === "number";
}

const AFTER_WORD: Record<string, Want> = {
  and: "field",
  or: "field",
  in: "value",
  like: "value",
  ilike: "value",
  between: "value",
  is: "null",
  null: "join",
};

function wanted(tokens: readonly Token[]): Pick<Gap, "want" | "field"> {
  let want: Want = "field";
  let field: string | undefined;
  let between = false;
  for (const { kind, text } of tokens) {
    const word = kind === "word" ? text.toLowerCase() : "";
    if (kind === "sign") want = "value";
    else if (kind === "text" || kind === "number") want = "join";
    else if (text === ",") want = "value";
    else if (text === "(") want = want === "value" ? "value" : "field";
    else if (text === ")") want = want === "operator" ? "operator" : "join";
    else if (word === "and" && between) [want, between] = ["value", false];
    else if (word in AFTER_WORD)
      [want, between] = [AFTER_WORD[word] ?? "nothing", word === "between"];
    else if (kind !== "mark" && word !== "not") [want, field] = ["operator", text];
  }
  return { want, field };
}

/** The text with the gap filled, and where the cursor stands then: behind it, ready for what comes next. */
export function filled(text: string, gap: Gap, by: string): { text: string; cursor: number } {
  const after = text.slice(gap.end);
  const space = /^[\s)]/.test(after) || by.endsWith("(") ? "" : " ";
  const head = text.slice(0, gap.start) + by + space;
  return { text: head + after, cursor: head.length + (after.startsWith(" ") ? 1 : 0) };
}

export const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** What a value that is being typed says so far, without its quotes. */
export const unquoted = (typed: string): string => typed.replace(/^['"]/, "").replaceAll("''", "'");
