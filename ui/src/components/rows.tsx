import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import styles from "./rows.module.css";

interface Props {
  label: string;
  count: number;
  /** The most that the list is high before it scrolls. */
  height: number;
  head?: ReactNode;
  row: (index: number) => ReactNode;
  onShown?: (first: number, last: number) => void;
}

export const ROW_PX = 29;
const BEYOND = 8;

/** A list of any length, of which only what is on the screen is drawn. */
export function Rows({ label, count, height, head, row, onShown }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: BEYOND,
  });
  const items = rows.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => onShown?.(first, last), [onShown, first, last]);
  return (
    <div role="table" aria-label={label} aria-rowcount={count}>
      {head}
      <div
        ref={scroller}
        role="rowgroup"
        className={styles.scroller}
        style={{ maxHeight: height }}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it with the keys
        tabIndex={0}
      >
        <div role="presentation" className={styles.body} style={{ height: rows.getTotalSize() }}>
          {items.map(({ index, start }) => (
            <div
              key={index}
              role="row"
              aria-rowindex={index + 1}
              className={styles.row}
              style={{ transform: `translateY(${start}px)` }}
            >
              {row(index)}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
