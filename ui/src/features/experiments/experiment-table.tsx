import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { Ago } from "@/components/ago";
import { SortHead } from "@/components/sort-head";
import { count } from "@/lib/format";
import styles from "./experiment-table.module.css";
import { type ExperimentLine, type ExperimentSort, lastActivity } from "./sort-experiments";

const ROW_PX = 29;
const HEADS: readonly (readonly [ExperimentSort, string])[] = [
  ["name", "Name"],
  ["runs", "Active runs"],
  ["running", "Running"],
  ["activity", "Last activity"],
  ["created", "Created"],
];

interface Props {
  lines: readonly ExperimentLine[];
  sort: string;
  onSort: (sort: string) => void;
}

export function ExperimentTable({ lines, sort, onSort }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  });
  return (
    <div className={styles.scroller} ref={scroller}>
      <div role="table" aria-label="Experiments" aria-rowcount={lines.length + 1}>
        <div role="row" aria-rowindex={1} className={styles.head}>
          {HEADS.map(([name, label]) => (
            <SortHead key={name} name={name} label={label} sort={sort} onSort={onSort} />
          ))}
        </div>
        <div role="rowgroup" className={styles.body} style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const line = lines[index];
            return line && <Row key={line.experiment.experiment_id} {...{ line, index, start }} />;
          })}
        </div>
      </div>
    </div>
  );
}

function Row({ line, index, start }: { line: ExperimentLine; index: number; start: number }) {
  const { experiment, summary } = line;
  const running = summary?.running_runs ?? 0;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={styles.row}
      style={{ transform: `translateY(${start}px)` }}
    >
      <span role="cell" className={styles.name}>
        <Link to="/experiments/$experimentId" params={{ experimentId: experiment.experiment_id }}>
          {experiment.name}
        </Link>
      </span>
      <span role="cell">{summary ? count(summary.active_runs ?? 0) : ""}</span>
      <span role="cell" className={running > 0 ? styles.running : styles.none}>
        {summary ? count(running) : ""}
      </span>
      <span role="cell">
        <Ago time={lastActivity(line)} />
      </span>
      <span role="cell">
        {experiment.creation_time ? <Ago time={experiment.creation_time} /> : ""}
      </span>
    </div>
  );
}
