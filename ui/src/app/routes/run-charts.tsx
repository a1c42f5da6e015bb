import { useSuspenseQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { SIZES } from "@/components/chart/chart-size";
import { SizeChoice } from "@/components/chart/size-choice";
import { Empty } from "@/components/empty";
import { SearchBox } from "@/components/search-box";
import { AxisLine } from "@/features/metrics/axis-line";
import { MetricGrid } from "@/features/metrics/metric-grid";
import { getRun } from "@/features/runs/get-run";
import { matcher } from "@/lib/fields";
import { count } from "@/lib/format";
import { shownName } from "@/lib/run-name";
import { type ChartSearch, useChartView } from "./chart-view";
import styles from "./run.module.css";

export interface RunChartSearch extends ChartSearch {
  readonly q?: string | undefined;
}

interface Props {
  runId: string;
  search: RunChartSearch;
  /** Which of the run's metrics, by their keys. */
  shows: (key: string) => boolean;
  onChange: (part: RunChartSearch) => void;
}

/** Some of a run's metrics as charts, found by their names. */
export function RunCharts({ runId, search, shows, onChange }: Props) {
  const { q = "" } = search;
  const { data: run } = useSuspenseQuery(getRun(runId));
  const keys = (run.data.metrics ?? []).flatMap(({ key }) => (shows(key) ? key : [])).join("\n");
  const all = useMemo(() => (keys ? keys.split("\n") : []), [keys]);
  const found = useMemo(() => all.filter(matcher(q)), [all, q]);
  const name = shownName(run.info);
  const live = run.info.status === "RUNNING";
  const source = useMemo(
    () => ({ runs: [{ id: runId, name, place: 0 }], live }),
    [runId, name, live],
  );
  const { onAxis, size, onSize, ...view } = useChartView(search, onChange);
  return (
    <>
      <div className={styles.tools}>
        <SearchBox
          label="Find metrics: text, * or /regex/"
          value={q}
          onChange={(next) => onChange({ q: next })}
        />
        <AxisLine axis={view.layout.axis} metrics={found} onChange={onAxis}>
          <SizeChoice size={size} onChange={onSize} />
        </AxisLine>
        <span className="dim">{q && `${count(found.length)} of ${count(all.length)} metrics`}</span>
      </div>
      {found.length === 0 ? (
        <Empty title={keys ? "No metric has such a name" : "No metrics yet"} />
      ) : (
        <MetricGrid metrics={found} source={source} {...view} size={SIZES[size]} />
      )}
    </>
  );
}
