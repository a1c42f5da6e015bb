import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { Rows } from "@/components/rows";
import { SearchBox } from "@/components/search-box";
import { Section } from "@/components/section";
import type { Metric, SampledSeries } from "@/lib/api-types";
import { matcher } from "@/lib/fields";
import { count, real, short } from "@/lib/format";
import styles from "./metric-table.module.css";
import { sampleMetrics } from "./sample-metrics";
import { Sparkline } from "./sparkline";

const BLOCK = 50;
const POINTS = 64;
const HEIGHT = 480;
const SEARCHED_FROM = 9;

interface Props {
  runId: string;
  metrics: readonly Metric[];
  live: boolean;
  onOpen: (key: string) => void;
}

/** The metrics of a run, each with its series in small; what lies behind is read for the rows on the screen. */
export function MetricTable({ runId, metrics, live, onOpen }: Props) {
  const [pattern, setPattern] = useState("");
  const [first, setFirst] = useState(0);
  const found = useMemo(() => {
    const matches = matcher(pattern);
    return metrics.filter(({ key }) => matches(key));
  }, [metrics, pattern]);
  const names = found.slice(first, first + 2 * BLOCK).map(({ key }) => key);
  const { data } = useQuery(
    sampleMetrics({
      runIds: [runId],
      keys: names,
      points: POINTS,
      live,
      enabled: names.length > 0,
    }),
  );
  const series = useMemo(() => new Map(data?.map((one) => [one.key, one])), [data]);
  const onShown = useCallback((shown: number) => setFirst(BLOCK * Math.floor(shown / BLOCK)), []);
  const search = metrics.length >= SEARCHED_FROM && (
    <SearchBox label="Find metrics" value={pattern} onChange={setPattern} />
  );
  return (
    <Section id="metrics" title="Metrics" count={metrics.length} aside={search}>
      {found.length === 0 ? (
        <p className="faint">{metrics.length === 0 ? "None logged." : "None found."}</p>
      ) : (
        <Rows
          label="Metrics"
          count={found.length}
          height={HEIGHT}
          onShown={onShown}
          head={<Head />}
          row={(index) => {
            const metric = found[index];
            return (
              metric && <Row metric={metric} series={series.get(metric.key)} onOpen={onOpen} />
            );
          }}
        />
      )}
    </Section>
  );
}

const HEADS = ["Metric", "", "Latest", "Min", "Max", "Last step", "Points"];

function Head() {
  return (
    <div role="row" className={`${styles.row} ${styles.head}`}>
      {HEADS.map((head) => (
        <span key={head} role="columnheader">
          {head}
        </span>
      ))}
    </div>
  );
}

interface RowProps {
  metric: Metric;
  series: SampledSeries | undefined;
  onOpen: (key: string) => void;
}

function Row({ metric, series, onOpen }: RowProps) {
  const { steps = [], values = [] } = series ?? {};
  const finite = values.map(real).filter(Number.isFinite);
  const extreme = (of: (a: number, b: number) => number) =>
    finite.length > 0 ? short(finite.reduce((a, b) => of(a, b))) : "";
  return (
    <div className={styles.row} role="presentation">
      <span role="cell">
        <button type="button" title={metric.key} onClick={() => onOpen(metric.key)}>
          {metric.key}
        </button>
      </span>
      <span role="cell">
        <Sparkline steps={steps} values={values} width={72} height={20} />
      </span>
      <b role="cell" title={String(metric.value)}>
        {short(real(metric.value))}
      </b>
      <span role="cell">{extreme(Math.min)}</span>
      <span role="cell">{extreme(Math.max)}</span>
      <span role="cell">{count(metric.step ?? 0)}</span>
      <span role="cell">{series ? count(series.count) : ""}</span>
    </div>
  );
}
