import { useCallback } from "react";
import type { Palette } from "@/components/chart/palette";
import { useChart } from "@/components/chart/use-chart";
import { type Axis, axisUnit } from "./axis";
import { chartOption } from "./chart-option";
import { useCrosshair, useStandingOut } from "./crosshair";
import styles from "./line-chart.module.css";
import type { Curve, Window } from "./points";
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
  const make = useCallback(
    (colours: Palette) => {
      const option = chartOption(curves, axis, window, colours);
      return {
        ...option,
        tooltip: { ...(option.tooltip as object), formatter: tip(axis, curves) },
      };
    },
    [curves, axis, window],
  );
  const { place, chart } = useChart(make);
  const crosshair = useCrosshair(chart, axisUnit(axis));
  useStandingOut(chart, curves);
  const band = useZoom(chart, onZoom);
  return (
    <div className={styles.chart} style={{ height }}>
      <div ref={place} className={styles.canvas} role="img" aria-label={label} />
      <div ref={crosshair} className={styles.crosshair} />
      {band && <div className={styles.band} style={band} />}
    </div>
  );
}
