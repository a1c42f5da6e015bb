import type { ECharts } from "echarts/core";
import { useEffect, useRef } from "react";
import { useScheme } from "@/lib/theme";
import type { Axis } from "./axis";
import { chartOption, type Window } from "./chart-option";
import { echarts } from "./echarts";
import styles from "./line-chart.module.css";
import { palette } from "./palette";
import type { Curve } from "./points";
import { tip } from "./tip";
import { useZoom } from "./zoom";

interface Props {
  label: string;
  curves: readonly Curve[];
  axis: Axis;
  window: Window | undefined;
  height: number;
  onZoom: (window: Window | undefined) => void;
}

/** Lines over one axis. Dragging across zooms in, a double click zooms out. */
export default function LineChart({ label, curves, axis, window, height, onZoom }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts>(undefined);
  const scheme = useScheme();
  useEffect(() => {
    if (!place.current) return;
    const made = echarts.init(place.current, undefined, { renderer: "canvas" });
    chart.current = made;
    const resize = new ResizeObserver(() => made.resize());
    resize.observe(place.current);
    return () => {
      resize.disconnect();
      made.dispose();
      chart.current = undefined;
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the palette is that of the scheme
  useEffect(() => {
    const option = chartOption(curves, axis, window, palette());
    chart.current?.setOption(
      { ...option, tooltip: { ...(option.tooltip as object), formatter: tip(axis) } },
      { notMerge: true },
    );
  }, [curves, axis, window, scheme]);
  const band = useZoom(chart, onZoom);
  return (
    <div className={styles.chart} style={{ height }}>
      <div ref={place} className={styles.canvas} role="img" aria-label={label} />
      {band && <div className={styles.band} style={band} />}
    </div>
  );
}
