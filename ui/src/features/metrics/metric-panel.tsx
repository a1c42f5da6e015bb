import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useRef, useState } from "react";
import { counted } from "@/lib/format";
import type { Axis } from "./axis";
import type { Window } from "./chart-option";
import { isSingle, MetricBars } from "./metric-bars";
import styles from "./metric-panel.module.css";
import { type Curve, pointsOf, stepsBetween } from "./points";
import { type Steps, sampleMetrics } from "./sample-metrics";
import { useSeen } from "./seen";

const LineChart = lazy(() => import("./line-chart"));
const POINTS = 1_000;
const HEIGHT = 168;

/** A run as a chart knows it. */
export interface ChartRun {
  readonly id: string;
  readonly name: string;
  readonly place: number;
}

interface Props {
  metric: string;
  runs: readonly ChartRun[];
  axis: Axis;
  live: boolean;
}

interface Zoom {
  readonly window: Window;
  readonly steps: Steps;
}

/** One metric of some runs; a zoom reads the detail of what it shows. */
export function MetricPanel({ metric, runs, axis, live }: Props) {
  const place = useRef<HTMLElement>(null);
  const seen = useSeen(place);
  const [zoom, setZoom] = useState<Zoom>();
  const runIds = useMemo(() => runs.map(({ id }) => id), [runs]);
  const { data, error } = useQuery(
    sampleMetrics({
      runIds,
      keys: [metric],
      points: POINTS,
      steps: zoom?.steps,
      live,
      enabled: seen,
    }),
  );
  const curves = useMemo(
    () =>
      runs.flatMap(({ id, name, place: at }): Curve[] => {
        const series = data?.find((one) => one.run_id === id);
        return series ? [{ id, name, place: at, points: pointsOf(series, axis.x) }] : [];
      }),
    [runs, data, axis.x],
  );
  const onZoom = (window: Window | undefined) => {
    const steps = window && stepsBetween(curves, window.from, window.to);
    setZoom(window && steps && { window, steps });
  };
  const absent = data !== undefined && curves.length === 0 && !zoom;
  const total = data?.reduce((sum, series) => sum + series.count, 0);
  return (
    <figure ref={place} className={styles.panel}>
      <figcaption className={styles.caption}>
        <b title={metric}>{metric}</b>
        {zoom ? (
          <button type="button" className={styles.whole} onClick={() => setZoom(undefined)}>
            Show all steps
          </button>
        ) : (
          <small>{total === undefined ? "" : absent ? "no points" : counted(total, "point")}</small>
        )}
      </figcaption>
      <div style={{ minHeight: absent || isSingle(curves) ? undefined : HEIGHT }}>
        {error ? (
          <p className={styles.error}>{error.message}</p>
        ) : absent ? null : isSingle(curves) && !zoom ? (
          <MetricBars curves={curves} height={HEIGHT} />
        ) : (
          seen && (
            <Suspense fallback={null}>
              <LineChart
                label={`${metric} of ${runs.map(({ name }) => name).join(", ")}`}
                curves={curves}
                axis={axis}
                window={zoom?.window}
                height={HEIGHT}
                onZoom={onZoom}
              />
            </Suspense>
          )
        )}
      </div>
    </figure>
  );
}
