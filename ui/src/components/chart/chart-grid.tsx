import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { Right } from "@/components/icons";
import { count } from "@/lib/format";
import styles from "./chart-grid.module.css";
import type { ChartSize } from "./chart-size";

const GAP_PX = 12;
const HEAD_PX = 32;
const BEYOND = 1;

/** Charts under one head; without a name they have none. */
export interface Section {
  readonly name: string;
  readonly items: readonly string[];
}

type Entry = { section: Section } | { row: readonly string[] };

interface Props {
  sections: readonly Section[];
  folded: ReadonlySet<string>;
  size: ChartSize;
  onFold: (name: string) => void;
  /** The chart of an item, so high. */
  draw: (item: string, height: number) => ReactNode;
}

/** Charts in sections that fold, however many there are: only what is on the screen is drawn. */
export function ChartGrid({ sections, folded, size, onFold, draw }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const columns = useColumns(scroller, size.width);
  const entries = useMemo(() => entriesOf(sections, folded, columns), [sections, folded, columns]);
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: (i) => (entries[i] && "section" in entries[i] ? HEAD_PX : size.height + GAP_PX),
    overscan: BEYOND,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the entries are what it measures
  useEffect(() => rows.measure(), [rows, entries, size]);
  return (
    <div ref={scroller} className={styles.scroller}>
      <div className={styles.body} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const entry = entries[index];
          if (!entry) return null;
          const style = { transform: `translateY(${start}px)` };
          return "section" in entry ? (
            <SectionHead
              key={`section ${entry.section.name}`}
              section={entry.section}
              folded={folded.has(entry.section.name)}
              style={style}
              onFold={onFold}
            />
          ) : (
            <div
              key={entry.row[0]}
              className={styles.row}
              style={{
                ...style,
                height: size.height,
                gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
              }}
            >
              {entry.row.map((item) => (
                <div key={item}>{draw(item, size.height)}</div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface HeadProps {
  section: Section;
  folded: boolean;
  style: React.CSSProperties;
  onFold: (name: string) => void;
}

function SectionHead({ section: { name, items }, folded, style, onFold }: HeadProps) {
  return (
    <h2 className={styles.group} style={style}>
      <button type="button" aria-expanded={!folded} onClick={() => onFold(name)}>
        <Right />
        {name} <small>{count(items.length)}</small>
      </button>
    </h2>
  );
}

function useColumns(place: RefObject<HTMLElement | null>, least: number): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!place.current) return;
    const watch = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    watch.observe(place.current);
    return () => watch.disconnect();
  }, [place]);
  return Math.max(1, Math.floor((width + GAP_PX) / (least + GAP_PX)));
}

function entriesOf(
  sections: readonly Section[],
  folded: ReadonlySet<string>,
  columns: number,
): Entry[] {
  return sections.flatMap((section): Entry[] => {
    const { name, items } = section;
    const head = name === "" ? [] : [{ section }];
    if (folded.has(name)) return head;
    const rows = Array.from({ length: Math.ceil(items.length / columns) }, (_, i) => ({
      row: items.slice(i * columns, (i + 1) * columns),
    }));
    return [...head, ...rows];
  });
}

const OWN = /^([^/]+)\/./;

/** Names by what stands before their first slash; those without one come first. */
export function sectionsOf(names: readonly string[]): Section[] {
  const groups = Map.groupBy(names, (name) => OWN.exec(name)?.[1] ?? "");
  const named = groups.size > 1;
  return [...groups]
    .map(([name, items]) => ({ name: named ? name : "", items }))
    .sort((a, b) => Number(a.name !== "") - Number(b.name !== ""));
}
