import type { ReactNode } from "react";
import { Ago } from "@/components/ago";
import { ExperimentName } from "@/features/experiments/experiment-name";
import type { RunRow } from "@/lib/api-types";
import { aligned, duration } from "@/lib/format";
import { type Column, lowerIsBetter } from "./columns";
import { type Extent, share } from "./extents";
import { RunStatus } from "./run-status";
import styles from "./run-table.module.css";

export type CellValue = number | string | null | undefined;

const COMMIT_SHOWN = 7;
const ID_SHOWN = 8;

/** What a column shows of a run; `extent` is that of a metric's column. */
export function cellContent(
  column: Column,
  row: RunRow,
  value: CellValue,
  extent: Extent | undefined,
): ReactNode {
  if (column.group === "attribute") return attribute(column.field.key, row, value);
  if (value === null || value === undefined) return null;
  return column.group === "metric" ? metric(column, Number(value), extent) : String(value);
}

function attribute(key: string, row: RunRow, value: CellValue): ReactNode {
  switch (key) {
    case "start_time":
      return (
        <>
          <RunStatus status={row.status} /> <Ago time={row.start_time} />
        </>
      );
    case "duration":
      return row.end_time ? duration(row.end_time - row.start_time) : null;
    case "user_id":
      return row.user_id;
    case "experiment_id":
      return <ExperimentName experimentId={row.experiment_id} />;
    case "run_id":
      return <span className="mono">{row.run_id.slice(0, ID_SHOWN)}</span>;
    case "mlflow.source.name":
      return String(value ?? "").replace(/^.*[/\\]/, "");
    default:
      return <span className="mono">{String(value ?? "").slice(0, COMMIT_SHOWN)}</span>;
  }
}

function metric(column: Column, value: number, extent: Extent | undefined): ReactNode {
  const places = extent?.decimals ?? 4;
  const text = aligned(value, places);
  const good = extent && share(value, extent, lowerIsBetter(column.field.key));
  if (good === undefined) return text;
  return (
    <>
      <i className={styles.bar} style={{ width: `${Math.round(2 + 96 * good)}%` }} />
      {good === 1 ? <b>{text}</b> : <span>{text}</span>}
    </>
  );
}

/** The whole of what a cell shows in short. */
export function cellTitle(column: Column, row: RunRow, value: CellValue): string | undefined {
  if (column.field.key === "run_id" && column.group === "attribute") return row.run_id;
  return value === null || value === undefined ? undefined : String(value);
}
