import { useInfiniteQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";
import { counted } from "@/lib/format";
import { columnsOf, readTable, type ShownColumn } from "./read-table";
import styles from "./table-pages.module.css";

const ROW_PX = 27;
const BEYOND = 20;
/** What a column has beside its text. */
const BESIDE_PX = 24;

/** A table in a file of any length: the server reads what is scrolled to. */
export function TablePages({ runId, path }: { runId: string; path: string }) {
  const { data, error, hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery(
    readTable(runId, path),
  );
  const pages = data?.pages;
  const first = pages?.[0];
  const rows = useMemo(() => pages?.flatMap((page) => page.rows) ?? [], [pages]);
  const columns = useMemo(() => (first ? columnsOf(first) : []), [first]);
  const scroller = useRef<HTMLDivElement>(null);
  const shown = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: BEYOND,
  });
  const items = shown.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const wanted = hasNextPage && !isFetching && !error && last >= rows.length - BEYOND;
  useEffect(() => {
    if (wanted) void fetchNextPage();
  }, [wanted, fetchNextPage]);
  const above = items[0]?.start ?? 0;
  const below = shown.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <>
      {error && (
        <p className={styles.error} role="alert">
          {error.message}
        </p>
      )}
      {first && (
        <>
          <p className="dim" role="status">
            {extent(rows.length, first.total_rows, hasNextPage)}
            {leftOut(first.columns_left_out)}
          </p>
          <div
            ref={scroller}
            className={styles.scroller}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it with the keys
            tabIndex={0}
          >
            <table
              aria-label={`Rows of ${path}`}
              aria-rowcount={first.total_rows ?? -1}
              style={{ width: widthOf(columns) }}
            >
              <Head columns={columns} />
              <tbody>
                {above > 0 && <tr aria-hidden style={{ height: above }} />}
                {items.map(({ index }) => (
                  <tr key={index} aria-rowindex={index + 1}>
                    {columns.map((column, at) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: names of columns may repeat
                      <Cell key={at} text={rows[index]?.[at]} number={NUMBER.test(column.type)} />
                    ))}
                  </tr>
                ))}
                {below > 0 && <tr aria-hidden style={{ height: below }} />}
              </tbody>
            </table>
          </div>
        </>
      )}
    </>
  );
}

const NUMBER = /^(u?int|float|halffloat|double|decimal)/;

const extent = (read: number, total: number | null | undefined, more: boolean): string => {
  if (total != null) return counted(total, "row");
  return more ? `The first ${counted(read, "row")}; scroll for more` : counted(read, "row");
};

const leftOut = (columns = 0): string =>
  columns ? `; ${counted(columns, "column")} not shown` : "";

function widthOf(columns: readonly ShownColumn[]): string {
  const characters = columns.reduce((sum, { width }) => sum + width, 0);
  return `calc(${characters}ch + ${columns.length * BESIDE_PX}px)`;
}

function Head({ columns }: { columns: readonly ShownColumn[] }) {
  return (
    <>
      <colgroup>
        {columns.map(({ width }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: names of columns may repeat
          <col key={i} style={{ width: `calc(${width}ch + ${BESIDE_PX}px)` }} />
        ))}
      </colgroup>
      <thead>
        <tr>
          {columns.map(({ name, type }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: names of columns may repeat
            <th key={i} scope="col" data-number={NUMBER.test(type) || undefined} title={name}>
              {name} {type && <small>{type}</small>}
            </th>
          ))}
        </tr>
      </thead>
    </>
  );
}

function Cell({ text, number }: { text: string | null | undefined; number: boolean }) {
  return (
    <td data-number={number || undefined} title={text ?? undefined}>
      {text ?? <span className="dim">–</span>}
    </td>
  );
}
