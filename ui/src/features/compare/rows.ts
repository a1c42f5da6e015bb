import type { Run } from "@/lib/api-types";
import { duration, exactTime, isNumeric, real, short } from "@/lib/format";

/** What one field says of each run, in the order of the runs. */
export interface CompareRow {
  readonly key: string;
  readonly cells: readonly Cell[];
}

/** A value as it is shown, with its number where it can be compared as one. */
export interface Cell {
  readonly text: string;
  readonly number?: number;
}

export interface CompareSection {
  readonly title: string;
  readonly rows: readonly CompareRow[];
}

export const ABSENT: Cell = { text: "" };
/** Tags that say what is shown elsewhere on the page, or nothing that can be compared. */
const APART =
  /^mlflow\.(note\.content|runName|user|source\.git\.|log-model\.history|loggedArtifacts)/;

const ATTRIBUTES: Readonly<Record<string, (run: Run) => Cell>> = {
  run_id: ({ info }) => ({ text: info.run_id }),
  status: ({ info }) => ({ text: info.status }),
  user_id: ({ info }) => ({ text: info.user_id ?? "" }),
  start_time: ({ info }) => ({ text: exactTime(info.start_time) }),
  duration: ({ info }) =>
    info.end_time
      ? { text: duration(info.end_time - info.start_time), number: info.end_time - info.start_time }
      : ABSENT,
};
const NOTE = "mlflow.note.content";

/** Everything that was logged for the runs, a row for each name. */
export function sectionsOf(
  runs: readonly Run[],
  experimentName: (id: string) => string,
): CompareSection[] {
  const attributes = Object.entries(ATTRIBUTES).map(([key, cell]) => ({
    key,
    cells: runs.map(cell),
  }));
  const experiment = {
    key: "experiment",
    cells: runs.map(({ info }) => ({ text: experimentName(info.experiment_id) })),
  };
  return [
    { title: "Metrics", rows: rowsOf(runs.map(metricCells)) },
    { title: "Parameters", rows: rowsOf(runs.map(({ data }) => textCells(data.params))) },
    {
      title: "Tags",
      rows: rowsOf(
        runs.map(({ data }) =>
          textCells(data.tags?.filter(({ key }) => key === NOTE || !APART.test(key))),
        ),
      ),
    },
    { title: "Attributes", rows: [experiment, ...attributes] },
  ];
}

const metricCells = ({ data }: Run): [string, Cell][] =>
  (data.metrics ?? []).map(({ key, value }) => {
    const number = real(value);
    return [key, { text: short(number), number }];
  });

const textCells = (entries: { key: string; value?: string }[] = []): [string, Cell][] =>
  entries.map(({ key, value = "" }) => [
    key,
    isNumeric(value) ? { text: value, number: Number(value) } : { text: value },
  ]);

/** A row for each name that any run has, by name. */
export function rowsOf(byRun: readonly (readonly (readonly [string, Cell])[])[]): CompareRow[] {
  const rows = new Map<string, Cell[]>();
  byRun.forEach((entries, place) => {
    for (const [key, cell] of entries) {
      let cells = rows.get(key);
      if (!cells) {
        cells = new Array<Cell>(byRun.length).fill(ABSENT);
        rows.set(key, cells);
      }
      cells[place] = cell;
    }
  });
  return [...rows]
    .map(([key, cells]) => ({ key, cells }))
    .sort((a, b) => NATURAL.compare(a.key, b.key));
}

const NATURAL = new Intl.Collator("en", { numeric: true });

/** Whether two values say the same: as numbers, where both are. */
export const isSame = (a: Cell, b: Cell): boolean =>
  a.number !== undefined && b.number !== undefined
    ? Object.is(a.number, b.number) || a.number === b.number
    : a.text === b.text;

export const differs = ({ cells }: CompareRow): boolean =>
  cells.some((cell) => !isSame(cell, cells[0] ?? ABSENT));

/** How much a number is above or below the baseline's: in percent, or plainly where that is 0. */
export function relative(cell: Cell, baseline: Cell): string {
  const [a, b] = [cell.number, baseline.number];
  if (a === undefined || b === undefined || !Number.isFinite(a - b) || a === b) return "";
  const [difference, unit] = b === 0 ? [a, ""] : [(100 * (a - b)) / Math.abs(b), "%"];
  const size = Math.abs(difference);
  const text = size >= 1_000 ? short(Math.round(size)) : Number(size.toPrecision(2)).toString();
  return `${difference > 0 ? "+" : "−"}${text}${unit}`;
}

/** The sections as they are asked for: those rows alone whose name matches, and that differ. */
export function shownSections(
  sections: readonly CompareSection[],
  matches: (key: string) => boolean,
  onlyDifferences: boolean,
): CompareSection[] {
  return sections
    .map(({ title, rows }) => ({
      title,
      rows: rows.filter((row) => matches(row.key) && (!onlyDifferences || differs(row))),
    }))
    .filter(({ rows }) => rows.length > 0);
}
