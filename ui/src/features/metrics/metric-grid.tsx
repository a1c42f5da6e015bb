import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { count } from "@/lib/format";
import type { Axis } from "./axis";
import styles from "./metric-grid.module.css";
import { type ChartRun, MetricPanel } from "./metric-panel";

const PANEL_PX = 340;
const GAP_PX = 12;
const ROW_PX = 206 + GAP_PX;
const HEAD_PX = 34;
const BEYOND = 1;

type Entry = { group: string; size: number } | { row: readonly string[] };

interface Props {
  metrics: readonly string[];
  runs: readonly ChartRun[];
  axis: Axis;
  live: boolean;
}

/** A chart for each metric, grouped by what stands before the first slash; however many there are. */
export function MetricGrid({ metrics, runs, axis, live }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const columns = useColumns(scroller);
  const entries = useMemo(() => entriesOf(metrics, columns), [metrics, columns]);
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: (i) => (entries[i] && "group" in entries[i] ? HEAD_PX : ROW_PX),
    overscan: BEYOND,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the entries are what it measures
  useEffect(() => rows.measure(), [rows, entries]);
  return (
    <div ref={scroller} className={styles.scroller}>
      <div className={styles.body} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const entry = entries[index];
          if (!entry) return null;
          const style = { transform: `translateY(${start}px)` };
          return "group" in entry ? (
            <h2 key={`group ${entry.group}`} className={styles.group} style={style}>
              {entry.group} <small>{count(entry.size)}</small>
            </h2>
          ) : (
            <div
              key={entry.row[0]}
              className={styles.row}
              style={{ ...style, gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
            >
              {entry.row.map((metric) => (
                <MetricPanel key={`${metric} ${axis.x}`} {...{ metric, runs, axis, live }} />
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function useColumns(place: React.RefObject<HTMLElement | null>): number {
  const [columns, setColumns] = useState(3);
  useEffect(() => {
    if (!place.current) return;
    const watch = new ResizeObserver(([entry]) => {
      const width = entry?.contentRect.width ?? 0;
      setColumns(Math.max(1, Math.floor((width + GAP_PX) / (PANEL_PX + GAP_PX))));
    });
    watch.observe(place.current);
    return () => watch.disconnect();
  }, [place]);
  return columns;
}

const groupOf = (metric: string): string => /^([^/]+)\/./.exec(metric)?.[1] ?? "";

function entriesOf(metrics: readonly string[], columns: number): Entry[] {
  const groups = Map.groupBy(metrics, groupOf);
  return [...groups].flatMap(([group, names]): Entry[] => {
    const rows = Array.from({ length: Math.ceil(names.length / columns) }, (_, i) => ({
      row: names.slice(i * columns, (i + 1) * columns),
    }));
    return groups.size > 1 && group ? [{ group, size: names.length }, ...rows] : rows;
  });
}
