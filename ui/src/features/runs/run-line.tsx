import { memo } from "react";
import { Right } from "@/components/icons";
import type { RunRow } from "@/lib/api-types";
import { colourVariable } from "@/lib/colours";
import { shownName } from "@/lib/run-name";
import type { Column } from "./columns";
import type { Extent } from "./extents";
import { cellContent, cellTitle } from "./run-cell";
import styles from "./run-table.module.css";

/** A column where it stands now. */
export interface Placed {
  readonly column: Column;
  readonly index: number;
  readonly left: number;
  readonly width: number;
  /** Where its values are in a row's list. */
  readonly at: number;
  readonly right: boolean;
  readonly extent: Extent | undefined;
}

export interface RunLineProps {
  row: RunRow | undefined;
  position: number;
  top: number;
  depth: number;
  nameWidth: number;
  columns: readonly Placed[];
  /** Its place in the selection; -1 for none. */
  place: number;
  /** What its colour goes by; -1 for none. */
  colour: number;
  open: boolean;
  active: boolean;
}

const INDENT_PX = 16;

/** One run. What is done with it is told to the table by the element's `data-` attributes. */
export const RunLine = memo(function RunLine(props: RunLineProps) {
  const { row, position, top, nameWidth, columns, place, active } = props;
  return (
    <div
      role="row"
      id={`run-line-${position}`}
      aria-rowindex={position + 3}
      aria-selected={place >= 0}
      aria-level={props.depth + 1}
      className={styles.row}
      data-active={active}
      data-run={row?.run_id}
      data-curve={row?.run_id}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div role="rowheader" aria-colindex={1} className={styles.name} style={{ width: nameWidth }}>
        {row ? <RunName {...props} row={row} /> : <span className={styles.coming} />}
      </div>
      {row && columns.map((placed) => <Cell key={placed.column.id} placed={placed} row={row} />)}
    </div>
  );
});

/** Drawn again only when its own column or run changes: most of a scroll is cells that stay as they are. */
const Cell = memo(function Cell({ placed, row }: { placed: Placed; row: RunRow }) {
  const { column, index, left, width, at, right, extent } = placed;
  const value = row.values?.[at];
  return (
    <div
      role="gridcell"
      aria-colindex={index + 2}
      className={styles.cell}
      data-right={right}
      data-pinned={column.pinned}
      data-kind={column.group}
      title={cellTitle(column, row, value)}
      style={{ left, width }}
    >
      {cellContent(column, row, value, extent)}
    </div>
  );
});

function RunName({ row, depth, place, colour, open }: RunLineProps & { row: RunRow }) {
  const name = shownName(row);
  return (
    <>
      <input
        type="checkbox"
        tabIndex={-1}
        checked={place >= 0}
        readOnly
        data-act="select"
        aria-label={`Select ${name}`}
      />
      {depth > 0 && <span style={{ width: depth * INDENT_PX }} className={styles.indent} />}
      {row.children ? (
        <button
          type="button"
          tabIndex={-1}
          className={styles.fold}
          data-act="fold"
          data-open={open}
          aria-expanded={open}
          aria-label={`${row.children} child runs of ${name}`}
        >
          <Right />
        </button>
      ) : (
        <span className={styles.fold} />
      )}
      <span
        className={styles.dot}
        style={colour >= 0 ? { background: colourVariable(colour) } : undefined}
      />
      <a href={`experiments/${row.experiment_id}/runs/${row.run_id}`} tabIndex={-1} title={name}>
        {name}
      </a>
      {row.children ? <span className={styles.children}>{row.children}</span> : null}
    </>
  );
}
