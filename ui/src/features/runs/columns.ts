import type { Columns } from "@/lib/api-types";
import { type Field, field, fieldText, type Kind, parseField } from "@/lib/fields";

/** A column of the runs table; its id is the field's text in the search language. */
export interface Column {
  readonly id: string;
  readonly field: Field;
  readonly label: string;
  readonly group: Kind;
  readonly width: number;
  /** Whether it stays beside the names when the table is scrolled. */
  readonly pinned?: boolean;
}

export const GROUPS: readonly (readonly [Kind, string])[] = [
  ["attribute", "Attributes"],
  ["param", "Parameters"],
  ["metric", "Metrics"],
  ["tag", "Tags"],
];

const SOURCE = field("tag", "mlflow.source.name");
const COMMIT = field("tag", "mlflow.source.git.commit");

// These are attributes to a reader, wherever they are stored.
const ATTRIBUTES: readonly (readonly [Field, string, number])[] = [
  [field("attribute", "start_time"), "Started", 122],
  [field("attribute", "duration"), "Took", 84],
  [field("attribute", "user_id"), "User", 96],
  [SOURCE, "Source", 150],
  [COMMIT, "Version", 86],
  [field("attribute", "run_id"), "Run id", 110],
  [field("attribute", "experiment_id"), "Experiment", 150],
];

const CHAR_PX = 7;
const PADDING_PX = 32;
const NARROWEST_PX = 70;
const WIDEST_PX = 190;
const VALUE_PADDING_PX = 22;
const METRIC_PX = 14;
const DEFAULT_PARAMS = 8;
const DEFAULT_METRICS = 8;
const BOOKKEEPING = /^(mlflow|headrace)\./;
const SYSTEM_METRIC = "system/";

export const NAME_COLUMN = "attributes.run_name";
export const NEWEST_FIRST = "-attributes.start_time";

/** Whether a tag was set by a client for its own use. */
export const isBookkeeping = (tag: string): boolean => BOOKKEEPING.test(tag);

const within = (width: number, least: number): number =>
  Math.round(Math.min(WIDEST_PX, Math.max(least, width)));

const widthOf = (label: string, wider: number): number =>
  within(label.length * CHAR_PX + PADDING_PX, NARROWEST_PX + wider);

/** How wide a column must be for values of so many characters. */
export const widthFor = (column: Column, characters: number): number =>
  within(characters * CHAR_PX + VALUE_PADDING_PX, column.width);

const ATTRIBUTE_COLUMNS: readonly Column[] = ATTRIBUTES.map(([of, label, width]) => ({
  id: fieldText(of),
  field: of,
  label,
  group: "attribute",
  width,
}));

/** The column of a field's text; none for a text that is no field. */
export function columnOf(id: string): Column | undefined {
  const known = ATTRIBUTE_COLUMNS.find((column) => column.id === id);
  const of = parseField(id);
  if (known || !of) return known;
  const reduced = of.reduction === "last" ? "" : ` · ${of.reduction}`;
  const label = of.key + reduced;
  return {
    id,
    field: of,
    label,
    group: of.kind,
    width: widthOf(label, of.kind === "metric" ? METRIC_PX : 0),
  };
}

/** Every column that the table could show: the picker's list. */
export function allColumns(known: Columns | undefined): Column[] {
  const keyed = (kind: Kind, keys: readonly string[] = []) =>
    keys.flatMap((key) => columnOf(fieldText(field(kind, key))) ?? []);
  return [
    ...ATTRIBUTE_COLUMNS,
    ...keyed("param", known?.params),
    ...keyed("metric", known?.metrics),
    ...keyed(
      "tag",
      known?.tags?.filter((key) => key !== SOURCE.key && key !== COMMIT.key),
    ),
  ];
}

/** What is shown until somebody chooses: what was asked and what came out, without the bookkeeping. */
export function defaultColumns(known: Columns | undefined, several = false): string[] {
  const keyed = (kind: Kind, keys: readonly string[] = []) =>
    keys.map((key) => fieldText(field(kind, key)));
  const metrics = known?.metrics?.filter((key) => !key.startsWith(SYSTEM_METRIC));
  const tags = known?.tags?.filter((key) => !isBookkeeping(key));
  return [
    ...(several ? ["attributes.experiment_id"] : []),
    "attributes.start_time",
    "attributes.duration",
    ...keyed("param", known?.params?.slice(0, DEFAULT_PARAMS)),
    ...keyed("metric", metrics?.slice(0, DEFAULT_METRICS)),
    ...keyed("tag", tags?.slice(0, 2)),
  ];
}

const PIN = "!";

/** The columns in the table's order: the pinned ones, then by group, within a group as chosen. */
export function arranged(texts: readonly string[]): Column[] {
  const chosen = [...new Map(texts.map(read)).values()].flatMap((column) => column ?? []);
  return [
    ...chosen.filter((column) => column.pinned),
    ...GROUPS.flatMap(([group]) =>
      chosen.filter((column) => column.group === group && !column.pinned),
    ),
  ];
}

function read(text: string): [string, Column | undefined] {
  const id = text.startsWith(PIN) ? text.slice(PIN.length) : text;
  const column = columnOf(id);
  return [id, column && text !== id ? { ...column, pinned: true } : column];
}

/** A column as the address has it. */
export const columnText = ({ id, pinned }: Column): string => (pinned ? PIN + id : id);

/** The columns with one of them right before another, or at the end. */
export function moved(
  columns: readonly Column[],
  id: string,
  before: string | undefined,
): Column[] {
  const one = columns.find((column) => column.id === id);
  const others = columns.filter((column) => column !== one);
  const at = others.findIndex((column) => column.id === before);
  return one ? others.toSpliced(at < 0 ? others.length : at, 0, one) : others;
}

/** The columns with one of them pinned, or let go. */
export const pinned = (columns: readonly Column[], id: string, on: boolean): Column[] =>
  columns.map((column) => (column.id === id ? { ...column, pinned: on } : column));

/** What the server must send for a column; attributes are in every row. */
export const isAsked = (column: Column): boolean => column.field.kind !== "attribute";

const LOWER = /loss|err|rmse|mse|mae|mape|perplex|time|latency|duration|deviance|cost/i;

/** Whether less of a metric is better, as its name says. */
export const lowerIsBetter = (key: string): boolean => LOWER.test(key);
