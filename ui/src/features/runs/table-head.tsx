import type { useColumnModel } from "./column-model";
import type { Column } from "./columns";
import type { Order } from "./order";
import type { Placed } from "./run-line";
import styles from "./run-table.module.css";
import { ColumnHead, type HeadActions, NameHead } from "./run-table-head";

interface Props extends HeadActions {
  model: ReturnType<typeof useColumnModel>;
  columns: readonly Column[];
  placed: readonly Placed[];
  width: number;
  orders: readonly Order[];
  selection: "none" | "some" | "all";
  onSelectAll: () => void;
}

/** The two rows above the runs: the groups, and the columns that are on the screen. */
export function TableHead(props: Props) {
  const { model, columns, placed, width, orders, selection, onSort, onSelectAll } = props;
  const [groups, leaves] = model.getHeaderGroups();
  const [name, ...headers] = leaves?.headers ?? [];
  return (
    <div className={styles.head} style={{ width }} role="rowgroup">
      <div role="row" aria-rowindex={1}>
        {groups?.headers.map((group) =>
          group.isPlaceholder ? null : (
            <div
              key={group.id}
              role="columnheader"
              aria-colspan={group.colSpan}
              className={styles.group}
              style={{ left: group.getStart(), width: group.getSize() }}
            >
              <span style={{ left: (name?.getSize() ?? 0) + 1 }}>
                {String(group.column.columnDef.header)}
              </span>
            </div>
          ),
        )}
      </div>
      <div role="row" aria-rowindex={2} className={styles.columns}>
        {name && (
          <NameHead
            width={name.getSize()}
            {...{ orders, selection, onSort, onSelectAll }}
            resizing={resizingOf(name)}
          />
        )}
        {placed.map(({ column, index, left, width: size, right }) => {
          const header = headers[index];
          return (
            header && (
              <ColumnHead
                key={column.id}
                {...props}
                {...{ column, index, left, right }}
                neighbours={neighbours(columns, column)}
                width={size}
                resizing={resizingOf(header)}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

/** The columns of the same group, in their order. */
const neighbours = (columns: readonly Column[], { group, pinned = false }: Column): string[] =>
  columns
    .filter((one) => (pinned ? one.pinned : one.group === group && !one.pinned))
    .map(({ id }) => id);

interface Header {
  getResizeHandler: () => (event: unknown) => void;
  column: { getIsResizing: () => boolean; resetSize: () => void };
}

const resizingOf = (header: Header) => ({
  active: header.column.getIsResizing(),
  start: header.getResizeHandler(),
  reset: () => header.column.resetSize(),
});
