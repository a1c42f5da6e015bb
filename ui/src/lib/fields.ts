/** The fields of the search language, as the columns of a table name them. */

export const REDUCTIONS = ["last", "min", "max", "first", "mean"] as const;
export type Reduction = (typeof REDUCTIONS)[number];
export type Kind = "attribute" | "param" | "metric" | "tag";

export interface Field {
  readonly kind: Kind;
  readonly key: string;
  readonly reduction: Reduction;
}

const PREFIX: Record<Kind, string> = {
  attribute: "attributes",
  param: "params",
  metric: "metrics",
  tag: "tags",
};
const KIND = Object.fromEntries(Object.entries(PREFIX).map(([kind, prefix]) => [prefix, kind]));
const PLAIN_KEY = /^[\w.]+([/:-]+[\w.]+)*$/;
const REDUCED = /^(min|max|first|mean)\((.*)\)$/s;

export const field = (kind: Kind, key: string, reduction: Reduction = "last"): Field => ({
  kind,
  key,
  reduction,
});

/** The field as the search language writes it, e.g. `min(metrics.loss)`. */
export function fieldText({ kind, key, reduction }: Field): string {
  const quoted = PLAIN_KEY.test(key) ? key : `\`${key.replaceAll("`", "``")}\``;
  const text = `${PREFIX[kind]}.${quoted}`;
  return reduction === "last" ? text : `${reduction}(${text})`;
}

/** The field that a text of `fieldText` stands for. */
export function parseField(text: string): Field | undefined {
  const [, reduction, inner] = REDUCED.exec(text) ?? [];
  const plain = inner ?? text;
  const dot = plain.indexOf(".");
  const kind = KIND[plain.slice(0, dot)] as Kind | undefined;
  const rest = plain.slice(dot + 1);
  if (dot < 0 || kind === undefined || rest === "") return undefined;
  const key = /^`.*`$/s.test(rest) ? rest.slice(1, -1).replaceAll("``", "`") : rest;
  return field(kind, key, (reduction as Reduction) ?? "last");
}

/** A list of texts in one, with commas between them; a comma in backticks does not part. */
export const splitFields = (text: string): string[] =>
  text.match(/(?:`(?:[^`]|``)*`|[^,`])+/g) ?? [];

export const joinFields = (texts: readonly string[]): string => texts.join(",");

/** A pattern that a person types: plain text, `*` and `?` as globs, `/.../` as an expression. */
export function matcher(pattern: string): (text: string) => boolean {
  const given = pattern.trim();
  if (given === "") return () => true;
  const expression = /^\/(.+)\/$/.exec(given)?.[1];
  const source = expression ?? (/[*?]/.test(given) ? `^${globSource(given)}$` : escaped(given));
  try {
    const test = new RegExp(source, "i");
    return (text) => test.test(text);
  } catch (error) {
    if (error instanceof SyntaxError) return () => false;
    throw error;
  }
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const globSource = (text: string): string =>
  escaped(text).replaceAll("\\*", ".*").replaceAll("\\?", ".");
