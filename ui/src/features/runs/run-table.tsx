import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import { isNumeric } from "@/lib/format";
import { useColumnModel } from "./column-model";
import { useFittedColumns } from "./column-widths";
import type { Column } from "./columns";
import { useExtents } from "./extents";
import type { Order } from "./order";
import { RunLine } from "./run-line";
import type { RunPages } from "./run-pages";
import styles from "./run-table.module.css";
import { ColumnHead, type HeadActions, NameHead } from "./run-table-head";
import { type RunActions, useRunKeys } from "./run-table-keys";
import { useSteadyScroll } from "./steady-scroll";
import { BLOCK } from "./tabulate-runs";
import { lineAt, lineCount, type Unfolded } from "./unfold";

const ROW_PX = 29;
const HEAD_PX = 50;
const ROWS_BEYOND = 8;
const PAUSE_MS = 60;

interface Props extends RunActions, HeadActions {
  pages: RunPages;
  unfolded: readonly Unfolded[];
  columns: readonly Column[];
  orders: readonly Order[];
  places: ReadonlyMap<string, number>;
  open: ReadonlySet<string>;
  onBlocks: (first: number, last: number) => void;
  onSelectAll: () => void;
  /** What stands below the rows. */
  children: ReactNode;
}

/** The runs, as many as there are: only what is on the screen is drawn and read. */
export function RunTable(props: Props) {
  const { pages, unfolded, columns, places, open } = props;
  const { listed } = pages;
  const scroller = useRef<HTMLDivElement>(null);
  const model = useColumnModel(useFittedColumns(columns, listed));
  const [nameHeader, ...headers] = model.getHeaderGroups()[1]?.headers ?? [];
  const nameWidth = nameHeader?.getSize() ?? 0;
  const count = lineCount(listed?.total ?? 0, unfolded);
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: ROWS_BEYOND,
    scrollMargin: HEAD_PX,
    scrollPaddingStart: HEAD_PX,
  });
  const across = useVirtualizer({
    horizontal: true,
    count: headers.length,
    getScrollElement: () => scroller.current,
    estimateSize: (i) => headers[i]?.getSize() ?? 0,
    getItemKey: (i) => headers[i]?.id ?? i,
    paddingStart: nameWidth,
    overscan: 2,
  });
  const sizes = headers.map((header) => header.getSize()).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the widths are what it measures
  useEffect(() => across.measure(), [across, sizes, nameWidth]);

  const lines = rows.getVirtualItems();
  useBlocks(lines[0]?.index ?? 0, lines.at(-1)?.index ?? 0, unfolded, props.onBlocks);
  useSteadyScroll(scroller, listed, ROW_PX, HEAD_PX);
  const keys = useRunKeys({
    count,
    lineAt: (i) => lineOf(i),
    scrollTo: rows.scrollToIndex,
    ...props,
  });

  const numeric = useNumericParams(pages, columns);
  const shown = across.getVirtualItems();
  const extents = useExtents(listed, useStable(shown.flatMap(({ index }) => columns[index] ?? [])));
  const placed = useStable(
    shown.flatMap(({ index, start, size }) => {
      const column = columns[index];
      if (!column) return [];
      const at = listed?.question.columns.indexOf(column.id) ?? -1;
      const right = column.group === "metric" || numeric.has(column.id);
      return [
        { column, index, left: start, width: size, at, right, extent: extents.get(column.id) },
      ];
    }),
    samePlace,
  );

  function lineOf(position: number) {
    const line = lineAt(unfolded, position);
    return typeof line === "number" ? { row: listed?.rows.get(line), depth: 0 } : line;
  }

  const width = across.getTotalSize();
  return (
    <div className={styles.frame}>
      <div
        ref={scroller}
        className={styles.scroller}
        role="treegrid"
        aria-label="Runs"
        aria-multiselectable="true"
        aria-rowcount={count + 2}
        aria-colcount={headers.length + 1}
        aria-activedescendant={keys.active < 0 ? undefined : `run-line-${keys.active}`}
        aria-busy={pages.stale}
        tabIndex={0}
        data-grid
        onKeyDown={keys.onKeyDown}
        onClick={keys.onClick}
      >
        <div className={styles.head} style={{ width }} role="rowgroup">
          <div role="row" aria-rowindex={1}>
            {model.getHeaderGroups()[0]?.headers.map((group) =>
              group.isPlaceholder ? null : (
                <div
                  key={group.id}
                  role="columnheader"
                  aria-colspan={group.colSpan}
                  className={styles.group}
                  style={{ left: group.getStart(), width: group.getSize() }}
                >
                  <span style={{ left: nameWidth + 1 }}>
                    {String(group.column.columnDef.header)}
                  </span>
                </div>
              ),
            )}
          </div>
          <div role="row" aria-rowindex={2}>
            {nameHeader && (
              <NameHead
                width={nameWidth}
                orders={props.orders}
                onSort={props.onSort}
                selection={places.size === 0 ? "none" : places.size < count ? "some" : "all"}
                onSelectAll={props.onSelectAll}
                resizing={resizingOf(nameHeader)}
              />
            )}
            {placed.map(({ column, index, left, width: size, right }) => {
              const header = headers[index];
              return (
                header && (
                  <ColumnHead
                    key={column.id}
                    {...{ column, index, left, right }}
                    width={size}
                    orders={props.orders}
                    onSort={props.onSort}
                    onReplace={props.onReplace}
                    resizing={resizingOf(header)}
                  />
                )
              );
            })}
          </div>
        </div>
        <div
          role="rowgroup"
          className={styles.body}
          data-stale={pages.stale}
          style={{ height: rows.getTotalSize(), width, minWidth: "100%" }}
        >
          {lines.map(({ index, start }) => {
            const { row, depth } = lineOf(index);
            return (
              <RunLine
                key={index}
                row={row}
                position={index}
                top={start - HEAD_PX}
                depth={depth}
                nameWidth={nameWidth}
                columns={placed}
                place={row ? (places.get(row.run_id) ?? -1) : -1}
                open={row !== undefined && open.has(row.run_id)}
                active={keys.active === index}
              />
            );
          })}
        </div>
      </div>
      {props.children}
    </div>
  );
}

interface Header {
  getResizeHandler: () => (event: unknown) => void;
  column: { getIsResizing: () => boolean; resetSize: () => void };
}

const resizingOf = (header: Header) => ({
  active: header.column.getIsResizing(),
  start: header.getResizeHandler(),
  reset: () => header.column.resetSize(),
});

/** Tells which blocks of rows are on the screen, once the scrolling has paused for a moment. */
function useBlocks(
  first: number,
  last: number,
  unfolded: readonly Unfolded[],
  tell: (first: number, last: number) => void,
): void {
  const listedAt = (position: number): number => {
    for (let at = position; at > 0; at--) {
      const line = lineAt(unfolded, at);
      if (typeof line === "number") return line;
    }
    return 0;
  };
  const from = Math.floor(listedAt(first) / BLOCK);
  const to = Math.floor(listedAt(last) / BLOCK);
  useEffect(() => {
    const timer = setTimeout(() => tell(from, to), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [from, to, tell]);
}

/** The params of which every value that is there is a number. */
function useNumericParams(pages: RunPages, columns: readonly Column[]): ReadonlySet<string> {
  const { listed } = pages;
  return useMemo(() => {
    const rows = [...(listed?.rows.values() ?? [])];
    const numeric = columns.filter(({ id, group }) => {
      if (group === "attribute") return id === "attributes.duration";
      const at = listed?.question.columns.indexOf(id) ?? -1;
      const values = rows.flatMap(({ values }) => values?.[at] ?? []);
      return values.length > 0 && values.every((value) => isNumeric(String(value)));
    });
    return new Set(numeric.map(({ id }) => id));
  }, [listed, columns]);
}

/** The same list and the same parts while they say the same, so that nothing is drawn for nothing. */
function useStable<T>(list: T[], equal: (a: T, b: T) => boolean = Object.is): T[] {
  const last = useRef<T[]>([]);
  const known = last.current;
  const next = list.map((part) => known.find((one) => equal(one, part)) ?? part);
  const same = known.length === next.length && known.every((part, i) => part === next[i]);
  if (!same) last.current = next;
  return last.current;
}

function samePlace<T extends object>(a: T, b: T): boolean {
  return (Object.keys(a) as (keyof T)[]).every((name) => a[name] === b[name]);
}
