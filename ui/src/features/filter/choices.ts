import { type Field, parseField } from "@/lib/fields";
import { type Gap, quoted, unquoted } from "./completing";

/** Something that fits the place where the cursor is. */
export interface Choice {
  /** What is written there. */
  readonly text: string;
  readonly hint: string;
  /** Whether it is a whole filter, for all that stands there. */
  readonly whole?: boolean;
}

const MOST = 50;
const NUMERIC_ATTRIBUTES = ["start_time", "end_time", "duration"];
const ATTRIBUTES = [
  ...["run_name", "status", ...NUMERIC_ATTRIBUTES, "user_id", "run_id", "parent_run_id"],
  "artifact_uri",
];
const STATUSES = ["FINISHED", "RUNNING", "FAILED", "KILLED", "SCHEDULED"];
const HINTS = { attribute: "attribute", param: "param", metric: "metric", tag: "tag" } as const;
const NUMBER_OPERATORS = ["<", "<=", ">", ">=", "=", "!=", "BETWEEN", "IS NULL", "IS NOT NULL"];
const TEXT_OPERATORS = ["=", "!=", "LIKE", "ILIKE", "IN (", "IS NULL", "IS NOT NULL"];

/** All that fits, what begins as it was typed first; values come from the server and are given. */
export function choicesFor(
  gap: Gap,
  fields: readonly string[],
  values: readonly string[],
): readonly Choice[] {
  const plain = (texts: readonly string[], hint = ""): Choice[] =>
    fitting(texts, gap.typed).map((text) => ({ text, hint }));
  if (gap.want === "field") {
    return fitting([...ATTRIBUTES, ...fields.filter(isKeyed)], gap.typed).map((text) => ({
      text,
      hint: HINTS[parseField(text)?.kind ?? "attribute"],
    }));
  }
  if (gap.want === "operator")
    return plain(isNumber(gap.field) ? NUMBER_OPERATORS : TEXT_OPERATORS);
  if (gap.want === "null") return plain(["NULL", "NOT NULL"]);
  if (gap.want === "join") return plain(["AND", "OR"]);
  const known = isStatus(gap.field) ? STATUSES : values;
  return fitting(known, unquoted(gap.typed)).map((value) => ({
    text: quoted(value),
    hint: "value",
  }));
}

/** The column whose values may stand in the gap; none where a number is wanted. */
export function columnOfValues(gap: Gap): string | undefined {
  const asked = gap.want === "value" && gap.field !== undefined;
  return asked && !isNumber(gap.field) && !isStatus(gap.field) ? gap.field : undefined;
}

function fitting(texts: readonly string[], typed: string): string[] {
  const wanted = typed.toLowerCase();
  const ranked: [string[], string[], string[]] = [[], [], []];
  for (const text of texts) {
    const whole = text.toLowerCase();
    const at = whole.indexOf(wanted);
    if (whole === wanted || at < 0) continue;
    ranked[at === 0 ? 0 : whole[at - 1] === "." ? 1 : 2].push(text);
  }
  return ranked.flat().slice(0, MOST);
}

const isKeyed = (text: string): boolean => parseField(text)?.kind !== "attribute";

const own = (text: string | undefined): string =>
  (text ?? "").toLowerCase().replace(/^(attributes?|attr|run)\./, "");

const isStatus = (text: string | undefined): boolean => own(text) === "status";

function isNumber(text: string | undefined): boolean {
  const kind = (text ?? "").split(".")[0]?.toLowerCase() as Field["kind"] | "metrics";
  return kind === "metric" || kind === "metrics" || NUMERIC_ATTRIBUTES.includes(own(text));
}
