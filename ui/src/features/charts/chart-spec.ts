/** Charts that somebody added, as the address has them: `scatter(params.lr,metrics.rmse,xlog)`. */
import { joinFields, parseField, splitFields } from "@/lib/fields";
import { type Interval, intervalText, namedInterval } from "@/lib/intervals";

export const KINDS = [
  "lines",
  "scatter",
  "parallel",
  "bar",
  "box",
  "contour",
  "importance",
] as const;
export type Kind = (typeof KINDS)[number];

/** What a field is for in a chart. */
export interface Role {
  readonly name: string;
  /** Whether a text will do, or it must be numbers. */
  readonly any: boolean;
  readonly optional: boolean;
}

interface Shape {
  readonly word: string;
  readonly roles: readonly Role[];
  /** Whether the last role may have any number of fields. */
  readonly many: boolean;
  readonly options: Readonly<Record<string, string>>;
}

const number = (name: string): Role => ({ name, any: false, optional: false });
const any = (name: string, optional = false): Role => ({ name, any: true, optional });
const SCALES = { xlog: "x is logarithmic", ylog: "y is logarithmic" };

export const SHAPES: Record<Kind, Shape> = {
  // Its one field is no field but a pattern of metrics, in backticks.
  lines: { word: "Lines of several metrics", roles: [any("metrics")], many: false, options: {} },
  scatter: {
    word: "Scatter",
    roles: [any("x"), any("y"), any("colour", true)],
    many: false,
    options: SCALES,
  },
  parallel: { word: "Parallel coordinates", roles: [any("axes")], many: true, options: {} },
  bar: {
    word: "Bars",
    roles: [number("value"), any("by", true)],
    many: false,
    options: {},
  },
  box: {
    word: "Boxes",
    roles: [number("value"), any("by")],
    many: false,
    options: { ylog: SCALES.ylog },
  },
  contour: {
    word: "Contour",
    roles: [number("x"), number("y"), number("value")],
    many: false,
    options: SCALES,
  },
  importance: { word: "Parameter importance", roles: [number("of")], many: false, options: {} },
};

export interface ChartSpec {
  readonly kind: Kind;
  /** By role, in the order of the kind's roles. */
  readonly fields: readonly string[];
  readonly options: readonly string[];
  /** Of parallel coordinates: the part of each axis that is looked at. */
  readonly brush: ReadonlyMap<string, Interval>;
}

const NONE: ChartSpec["brush"] = new Map();
const SPEC = /^(\w+)\((.*)\)$/s;
const PARTS = /(?:`(?:[^`]|``)*`|[^;`])+/g;

export const readCharts = (text: string | undefined): ChartSpec[] =>
  (text?.match(PARTS) ?? []).flatMap((part) => readChart(part) ?? []);

export const writeCharts = (charts: readonly ChartSpec[]): string | undefined =>
  charts.map(writeChart).join(";") || undefined;

export function writeChart({ kind, fields, options, brush }: ChartSpec): string {
  const parts = [...brush].map(([name, part]) => `${name}@${intervalText(part)}`);
  return `${kind}(${joinFields([...fields, ...options, ...parts])})`;
}

function readChart(text: string): ChartSpec | undefined {
  const [, word, inner = ""] = SPEC.exec(text) ?? [];
  const kind = KINDS.find((one) => one === word);
  if (!kind) return undefined;
  const words = splitFields(inner);
  if (kind === "lines")
    return words[0] ? { kind, fields: [words[0]], options: [], brush: NONE } : undefined;
  const brush = new Map(words.flatMap((one) => [namedInterval(one) ?? []].filter(isPair)));
  const fields = words.filter((one) => namedInterval(one) === undefined && parseField(one));
  const options = words.filter((one) => one in SHAPES[kind].options);
  const least = SHAPES[kind].roles.filter(({ optional }) => !optional).length;
  return fields.length >= least ? { kind, fields, options, brush } : undefined;
}

const isPair = (given: readonly unknown[]): given is readonly [string, Interval] =>
  given.length === 2;

/** The pattern of a chart of lines: text, glob or expression, see `matcher`. */
export const patternOf = ({ fields: [quoted = ""] }: ChartSpec): string =>
  quoted.slice(1, -1).replaceAll("``", "`");

export const quotedPattern = (pattern: string): string => `\`${pattern.replaceAll("`", "``")}\``;

/** What a field is called, without its kind. */
export function label(field: string): string {
  const { key, reduction } = parseField(field) ?? { key: field, reduction: "last" };
  return reduction === "last" ? key : `${reduction} ${key}`;
}

/** What a chart is called. */
export function titleOf(spec: ChartSpec): string {
  const { kind, fields } = spec;
  if (kind === "lines") return patternOf(spec);
  const [first = "", second, third] = fields.map(label);
  if (kind === "scatter") return `${second} by ${first}`;
  if (kind === "parallel") return fields.map(label).join(" · ");
  if (kind === "contour") return `${third} by ${first} and ${second}`;
  if (kind === "importance") return `What goes with ${first}`;
  return second === undefined ? first : `${first} by ${second}`;
}
