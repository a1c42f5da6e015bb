import {
  type ColumnDef,
  type ColumnSizingState,
  columnResizingFeature,
  columnSizingFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useMemo, useState } from "react";
import type { RunRow } from "@/lib/api-types";
import { type Column, columnText, GROUPS, NAME_COLUMN } from "./columns";

const features = tableFeatures({ columnSizingFeature, columnResizingFeature });
const NO_ROWS: RunRow[] = [];
const STORED = "headrace:column-widths";
const NAME_WIDTH = 250;
const NARROW_NAME_WIDTH = 190;
const NARROW_SCREEN = 720;

type Definition = ColumnDef<typeof features, RunRow>;

/**
 * The table's columns in their groups, with their places and widths. Rows are no business of this
 * model: they are read from the server block by block, and only what is on the screen is ever drawn.
 */
export function useColumnModel(columns: readonly Column[]) {
  const [columnSizing, setColumnSizing] = useState(storedWidths);
  const widths = columns.map((column) => `${columnText(column)} ${column.width}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: names and widths are all that it takes
  const definitions = useMemo(() => definitionsOf(columns), [widths]);
  return useTable({
    features,
    columns: definitions,
    data: NO_ROWS,
    columnResizeMode: "onChange",
    state: { columnSizing },
    onColumnSizingChange: (update) =>
      setColumnSizing((old) => stored(typeof update === "function" ? update(old) : update)),
  });
}

function definitionsOf(columns: readonly Column[]): Definition[] {
  const nameWidth = window.innerWidth < NARROW_SCREEN ? NARROW_NAME_WIDTH : NAME_WIDTH;
  const groups = GROUPS.map(([group, label]) => ({
    id: group,
    header: label,
    columns: columns.filter((column) => column.group === group && !column.pinned).map(definitionOf),
  }));
  const name = { id: NAME_COLUMN, header: "Name", size: nameWidth, minSize: 140 };
  const pinned = columns.filter((column) => column.pinned).map(definitionOf);
  return [name, ...pinned, ...groups.filter((group) => group.columns.length > 0)];
}

const definitionOf = ({ id, label, width }: Column) => ({
  id,
  header: label,
  size: width,
  minSize: 48,
});

function storedWidths(): ColumnSizingState {
  try {
    const widths: unknown = JSON.parse(localStorage.getItem(STORED) ?? "{}");
    return typeof widths === "object" && widths !== null ? (widths as ColumnSizingState) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function stored(widths: ColumnSizingState): ColumnSizingState {
  localStorage.setItem(STORED, JSON.stringify(widths));
  return widths;
}
