import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { count } from "@/lib/format";
import styles from "./compare-grid.module.css";
import { ABSENT, type CompareRow, type CompareSection, isSame, relative } from "./rows";
import { type ComparedRun, RunHead } from "./run-head";

const ROW_PX = 29;
const HEAD_PX = 50;
const NAME_PX = 240;
const RUN_PX = 176;
const BEYOND = { rows: 8, columns: 2 };

/** The pixels that some sections take, where they stand among other things. */
export const heightOf = (sections: readonly CompareSection[]): number =>
  sections.reduce((sum, { rows }) => sum + ROW_PX * (rows.length + 1), HEAD_PX + 2);

type Line = { readonly title: string; readonly size: number } | CompareRow;

interface Props {
  label: string;
  runs: readonly ComparedRun[];
  /** The place among the runs of the one that the others are held against. */
  baseline: number;
  sections: readonly CompareSection[];
  onBaseline: (runId: string) => void;
  onRemove: (runId: string) => void;
}

/** A column for each run, a row for each name: of however many, only what is on the screen is drawn. */
export function CompareGrid({ label, runs, baseline, sections, onBaseline, onRemove }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useMemo(
    () => sections.flatMap(({ title, rows }): Line[] => [{ title, size: rows.length }, ...rows]),
    [sections],
  );
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: BEYOND.rows,
  });
  const columns = useVirtualizer({
    horizontal: true,
    count: runs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => RUN_PX,
    paddingStart: NAME_PX,
    overscan: BEYOND.columns,
  });
  const width = columns.getTotalSize();
  const shown = columns.getVirtualItems();
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it with the keys
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <div
        role="table"
        aria-label={label}
        aria-rowcount={lines.length + 1}
        aria-colcount={runs.length + 1}
        style={{ width, minWidth: "100%", height: rows.getTotalSize() + HEAD_PX }}
      >
        <div role="row" aria-rowindex={1} className={styles.head} style={{ height: HEAD_PX }}>
          <span role="columnheader" className={styles.name} style={{ width: NAME_PX }}>
            {count(runs.length)} runs
          </span>
          {shown.map(({ index, start }) => {
            const run = runs[index];
            return (
              run && (
                <span
                  key={run.id}
                  role="columnheader"
                  aria-colindex={index + 2}
                  className={styles.run}
                  style={{ left: start, width: RUN_PX }}
                >
                  <RunHead
                    run={run}
                    isBaseline={index === baseline}
                    onBaseline={() => onBaseline(run.id)}
                    onRemove={() => onRemove(run.id)}
                  />
                </span>
              )
            );
          })}
        </div>
        {rows.getVirtualItems().map(({ index, start }) => {
          const line = lines[index];
          if (!line) return null;
          const style = { transform: `translateY(${start}px)` };
          return "title" in line ? (
            <div
              key={`section ${line.title}`}
              role="row"
              aria-rowindex={index + 2}
              className={styles.section}
              style={style}
            >
              <span role="rowheader">
                {line.title} <small>{count(line.size)}</small>
              </span>
            </div>
          ) : (
            <div
              key={index}
              role="row"
              aria-rowindex={index + 2}
              className={styles.row}
              style={style}
            >
              <span
                role="rowheader"
                className={styles.name}
                style={{ width: NAME_PX }}
                title={line.key}
              >
                {line.key}
              </span>
              {shown.map(({ index: place, start: left }) => (
                <Value key={place} {...{ line, place, left, baseline }} />
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface ValueProps {
  line: CompareRow;
  place: number;
  left: number;
  baseline: number;
}

function Value({ line, place, left, baseline }: ValueProps) {
  const cell = line.cells[place] ?? ABSENT;
  const against = line.cells[baseline] ?? ABSENT;
  const differs = place !== baseline && !isSame(cell, against);
  const difference = differs && relative(cell, against);
  return (
    <span
      role="cell"
      aria-colindex={place + 2}
      className={styles.cell}
      style={{ left, width: RUN_PX }}
      data-differs={differs}
      data-right={cell.number !== undefined}
      title={cell.text}
    >
      {difference && <small>{difference}</small>}
      <span>{cell.text || "–"}</span>
    </span>
  );
}
