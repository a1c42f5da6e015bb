import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useDeferredValue, useEffect, useRef } from "react";
import { useColumnModel } from "./column-model";
import { useFittedColumns } from "./column-widths";
import type { Column } from "./columns";
import type { Order } from "./order";
import { usePlacedColumns } from "./placed-columns";
import { RunLine } from "./run-line";
import type { RunPages } from "./run-pages";
import styles from "./run-table.module.css";
import type { HeadActions } from "./run-table-head";
import { type RunActions, useRunKeys } from "./run-table-keys";
import { useShownBlocks } from "./shown-blocks";
import { useSteadyScroll } from "./steady-scroll";
import { TableHead } from "./table-head";
import { lineAt, lineCount, type Unfolded } from "./unfold";

const ROW_PX = 29;
const HEAD_PX = 50;
const ROWS_BEYOND = 8;
const COLUMNS_BEYOND = 4;

interface Props extends RunActions, HeadActions {
  pages: RunPages;
  unfolded: readonly Unfolded[];
  columns: readonly Column[];
  orders: readonly Order[];
  places: ReadonlyMap<string, number>;
  /** The colours of the runs that charts show. */
  colours: ReadonlyMap<string, number>;
  open: ReadonlySet<string>;
  onBlocks: (first: number, last: number) => void;
  onSelectAll: () => void;
  /** What stands below the rows. */
  children: ReactNode;
}

/** The runs, as many as there are: only what is on the screen is drawn and read. */
export function RunTable(props: Props) {
  const { pages, unfolded, columns, places: selected, colours, open } = props;
  const { listed } = pages;
  const scroller = useRef<HTMLDivElement>(null);
  const model = useColumnModel(useFittedColumns(columns, listed));
  const [nameHeader, ...headers] = model.getHeaderGroups()[1]?.headers ?? [];
  const nameWidth = nameHeader?.getSize() ?? 0;
  const pinned = headers.slice(0, columns.filter((column) => column.pinned).length);
  const loose = headers.slice(pinned.length);
  const pinnedWidth = pinned.reduce((sum, header) => sum + header.getSize(), nameWidth);
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
    count: loose.length,
    getScrollElement: () => scroller.current,
    estimateSize: (i) => loose[i]?.getSize() ?? 0,
    getItemKey: (i) => loose[i]?.id ?? i,
    paddingStart: pinnedWidth,
    overscan: COLUMNS_BEYOND,
  });
  const sizes = headers.map((header) => header.getSize()).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the widths are what it measures
  useEffect(() => across.measure(), [across, sizes, pinnedWidth]);

  const lines = rows.getVirtualItems();
  useShownBlocks(lines[0]?.index ?? 0, lines.at(-1)?.index ?? 0, unfolded, props.onBlocks);
  useSteadyScroll(scroller, listed, ROW_PX, HEAD_PX);
  const keys = useRunKeys({
    count,
    lineAt: (i) => lineOf(i),
    scrollTo: rows.scrollToIndex,
    ...props,
  });

  // The columns beyond the screen are drawn while the scroll goes on, not in the middle of a frame.
  const shown = useDeferredValue(across.getVirtualItems());
  const places = [
    ...pinned.map((header, index) => ({ index, start: header.getStart(), size: header.getSize() })),
    ...shown.map(({ index, start, size }) => ({ index: pinned.length + index, start, size })),
  ];
  const placed = usePlacedColumns(listed, columns, places, across.isScrolling);

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
        <TableHead
          {...props}
          {...{ model, placed, width }}
          selection={selected.size === 0 ? "none" : selected.size < count ? "some" : "all"}
        />
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
                place={row ? (selected.get(row.run_id) ?? -1) : -1}
                colour={row ? (colours.get(row.run_id) ?? -1) : -1}
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
