import { useSuspenseQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Empty } from "@/components/empty";
import { SearchBox } from "@/components/search-box";
import { readAxis, writeAxis } from "@/features/metrics/axis";
import { AxisLine } from "@/features/metrics/axis-line";
import { MetricGrid } from "@/features/metrics/metric-grid";
import { getRun } from "@/features/runs/get-run";
import { matcher } from "@/lib/fields";
import { count } from "@/lib/format";
import { shownName } from "@/lib/run-name";
import styles from "./run.module.css";

interface Props {
  runId: string;
  q: string | undefined;
  axis: string | undefined;
  /** Which of the run's metrics, by their keys. */
  shows: (key: string) => boolean;
  onChange: (part: { q?: string; axis?: string }) => void;
}

/** Some of a run's metrics as charts, found by their names. */
export function RunCharts({ runId, q = "", axis: text, shows, onChange }: Props) {
  const { data: run } = useSuspenseQuery(getRun(runId));
  const axis = useMemo(() => readAxis(text), [text]);
  const keys = (run.data.metrics ?? []).flatMap(({ key }) => (shows(key) ? key : [])).join("\n");
  const all = useMemo(() => (keys ? keys.split("\n") : []), [keys]);
  const found = useMemo(() => all.filter(matcher(q)), [all, q]);
  const name = shownName(run.info);
  const runs = useMemo(() => [{ id: runId, name, place: 0 }], [runId, name]);
  return (
    <>
      <div className={styles.tools}>
        <SearchBox
          label="Find metrics: text, * or /regex/"
          value={q}
          onChange={(next) => onChange({ q: next })}
        />
        <AxisLine axis={axis} onChange={(next) => onChange({ axis: writeAxis(next) })} />
        <span className="dim">{q && `${count(found.length)} of ${count(all.length)} metrics`}</span>
      </div>
      {found.length === 0 ? (
        <Empty title={keys ? "No metric has such a name" : "No metrics yet"} />
      ) : (
        <MetricGrid metrics={found} runs={runs} axis={axis} live={run.info.status === "RUNNING"} />
      )}
    </>
  );
}
