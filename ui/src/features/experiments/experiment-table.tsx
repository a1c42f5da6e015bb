import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { SortHead } from "@/components/sort-head";
import type { Experiment } from "@/lib/api-types";
import type { ExperimentSort } from "./experiment-line";
import { ExperimentRow, FolderRow } from "./experiment-rows";
import styles from "./experiment-table.module.css";
import { isFolder, type ListLine } from "./folders";

const ROW_PX = 29;
const HEADS: readonly (readonly [ExperimentSort, string])[] = [
  ["name", "Name"],
  ["runs", "Active runs"],
  ["running", "Running"],
  ["activity", "Last activity"],
  ["created", "Created"],
];

export interface ExperimentActions {
  readonly onFold: (path: string) => void;
  /** Selects these, or lets them go if all of them are selected. */
  readonly onSelect: (ids: readonly string[]) => void;
  readonly onEdit: (experiment: Experiment) => void;
  readonly onMove: (experiment: Experiment) => void;
}

interface Props extends ExperimentActions {
  lines: readonly ListLine[];
  selected: ReadonlySet<string>;
  sort: string;
  onSort: (sort: string) => void;
}

export function ExperimentTable({ lines, selected, sort, onSort, ...actions }: Props) {
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
          <span role="columnheader">
            <span className="visually-hidden">Actions</span>
          </span>
        </div>
        <div role="rowgroup" className={styles.body} style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const line = lines[index];
            if (!line) return null;
            const place = {
              "aria-rowindex": index + 2,
              style: { transform: `translateY(${start}px)` },
            };
            return isFolder(line) ? (
              <FolderRow key={line.path} {...{ line, selected, actions, place }} />
            ) : (
              <ExperimentRow
                key={line.line.experiment.experiment_id}
                {...{ line, selected, actions, place }}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}
