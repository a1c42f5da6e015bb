import type { HTMLAttributes, MouseEvent, TouchEvent } from "react";
import { ColumnMenu } from "./column-menu";
import { type Column, lowerIsBetter, NAME_COLUMN } from "./columns";
import type { Order } from "./order";
import styles from "./run-table.module.css";

export interface Resizing {
  readonly active: boolean;
  readonly start: (event: MouseEvent | TouchEvent) => void;
  readonly reset: () => void;
}

export interface HeadActions {
  readonly onSort: (text: string, first: Order, also: boolean) => void;
  readonly onReplace: (id: string, by: string | undefined) => void;
  /** Puts a column right before another of its group, or at the end. */
  readonly onMove: (id: string, before: string | undefined) => void;
  readonly onPin: (id: string, on: boolean) => void;
}

interface HeadProps extends HeadActions {
  column: Column;
  /** Those that it may change places with. */
  neighbours: readonly string[];
  index: number;
  left: number;
  width: number;
  right: boolean;
  orders: readonly Order[];
  resizing: Resizing;
}

/** Numbers that are stored as text are ordered as numbers where all that is seen are numbers. */
const orderTextOf = (column: Column, right: boolean): string =>
  column.group === "param" && right ? `number(${column.id})` : column.id;

const firstOrder = (column: Column, text: string): Order => {
  const newestFirst = column.field.key === "start_time";
  const bestFirst = column.group === "metric" && !lowerIsBetter(column.field.key);
  return { text, descending: newestFirst || bestFirst };
};

export function ColumnHead(props: HeadProps) {
  const { column, neighbours, index, left, width, right, orders, resizing, onSort } = props;
  const text = orderTextOf(column, right);
  const at = orders.findIndex((order) => order.text === text || order.text === column.id);
  const order = orders[at];
  return (
    <div
      role="columnheader"
      aria-colindex={index + 2}
      aria-sort={sortWord(order)}
      className={styles.column}
      data-right={right}
      data-sorted={order !== undefined}
      data-pinned={column.pinned}
      style={{ left, width }}
      {...dropping(column, neighbours, props.onMove)}
    >
      <button
        type="button"
        className={styles.sort}
        draggable
        onDragStart={({ dataTransfer }) => dataTransfer.setData(DRAGGED, column.id)}
        title={`${column.id}\nClick to sort, with Shift to sort by it too`}
        onClick={(event) => onSort(order?.text ?? text, firstOrder(column, text), event.shiftKey)}
      >
        {column.label}
        <Arrow order={order} rank={orders.length > 1 ? at + 1 : 0} />
      </button>
      <ColumnMenu {...props} />
      <ResizeHandle {...resizing} />
    </div>
  );
}

const DRAGGED = "application/x-headrace-column";

/** A column dropped on another takes its place. */
function dropping(
  { id }: Column,
  neighbours: readonly string[],
  onMove: HeadActions["onMove"],
): Pick<HTMLAttributes<HTMLElement>, "onDragOver" | "onDrop"> {
  return {
    onDragOver: (event) => {
      if (event.dataTransfer.types.includes(DRAGGED)) event.preventDefault();
    },
    onDrop: ({ dataTransfer }) => {
      const dragged = dataTransfer.getData(DRAGGED);
      const from = neighbours.indexOf(dragged);
      const to = neighbours.indexOf(id);
      if (from >= 0 && from !== to) onMove(dragged, from < to ? neighbours[to + 1] : id);
    },
  };
}

export function NameHead(
  props: Pick<HeadProps, "orders" | "resizing" | "onSort"> & {
    width: number;
    selection: "none" | "some" | "all";
    onSelectAll: () => void;
  },
) {
  const order = props.orders.find(({ text }) => text === NAME_COLUMN);
  const first = { text: NAME_COLUMN, descending: false };
  return (
    <div
      role="columnheader"
      aria-colindex={1}
      aria-sort={sortWord(order)}
      className={styles.corner}
      style={{ width: props.width }}
    >
      <input
        type="checkbox"
        aria-label={props.selection === "none" ? "Select all matching runs" : "Clear the selection"}
        checked={props.selection !== "none"}
        ref={(box) => {
          if (box) box.indeterminate = props.selection === "some";
        }}
        onChange={props.onSelectAll}
      />
      <button
        type="button"
        className={styles.sort}
        onClick={(event) => props.onSort(NAME_COLUMN, first, event.shiftKey)}
      >
        Name
        <Arrow order={order} rank={0} />
      </button>
      <ResizeHandle {...props.resizing} />
    </div>
  );
}

const sortWord = (order: Order | undefined) =>
  order ? (order.descending ? "descending" : "ascending") : "none";

function Arrow({ order, rank }: { order: Order | undefined; rank: number }) {
  if (!order) return null;
  return (
    <span aria-hidden="true" className={styles.arrow}>
      {order.descending ? "↓" : "↑"}
      {rank > 0 && <sub>{rank}</sub>}
    </span>
  );
}

function ResizeHandle({ active, start, reset }: Resizing) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: widths are a matter of the mouse alone
    <span
      className={styles.resize}
      data-resizing={active}
      onMouseDown={start}
      onTouchStart={start}
      onDoubleClick={reset}
    />
  );
}
