import type { EChartsCoreOption } from "echarts/core";
import type { Palette } from "@/components/chart/palette";
import { TOOLTIP } from "@/components/chart/tip-box";
import { duration, short } from "@/lib/format";
import { type Axis, usesTime } from "./axis";
import { linesOf } from "./lines";
import { type Curve, type Window, withoutOutliers } from "./points";

/** Lines over one axis. */
export function chartOption(
  curves: readonly Curve[],
  axis: Axis,
  window: Window | undefined,
  palette: Palette,
): EChartsCoreOption {
  const label = { color: palette.faint, fontSize: 10, fontFamily: palette.font };
  const limits = axis.clip ? withoutOutliers(curves, window, axis.log) : undefined;
  return {
    animation: false,
    grid: {
      left: 8,
      right: 10,
      top: 8,
      bottom: 4,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
    xAxis: {
      type: usesTime(axis) ? "time" : axis.logX ? "log" : "value",
      min: window?.from ?? "dataMin",
      max: window?.to ?? "dataMax",
      axisLabel: { ...label, hideOverlap: true, formatter: xLabel(axis) },
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      splitLine: { show: false },
      splitNumber: 4,
    },
    yAxis: {
      type: axis.log ? "log" : "value",
      scale: true,
      ...limits,
      axisLabel: {
        ...label,
        formatter: (value: number) => short(rounded(value)),
        // Limits that are no round numbers stand too near to those that are.
        ...(limits ? { showMinLabel: false, showMaxLabel: false } : {}),
      },
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: palette.line } },
      splitNumber: 3,
    },
    tooltip: {
      ...TOOLTIP,
      trigger: "axis",
      position: beside,
      axisPointer: { type: "line", lineStyle: { color: palette.faint, type: [2, 2] } },
    },
    series: curves.flatMap((curve) => linesOf(curve, axis, palette)),
  };
}

const DIGITS = 4;
const rounded = (value: number): number => Number(value.toPrecision(DIGITS));

const GAP_PX = 14;

interface Sizes {
  readonly contentSize: readonly [number, number];
  readonly viewSize: readonly [number, number];
}

/** Beside the pointer, on the side that has more room, so that the curves stay in sight. */
function beside(
  [x]: [number, number],
  _hovered: unknown,
  _box: unknown,
  _at: unknown,
  sizes: Sizes,
) {
  const { contentSize, viewSize } = sizes;
  return [x < viewSize[0] / 2 ? x + GAP_PX : x - contentSize[0] - GAP_PX, 4];
}

function xLabel({ x, xKey }: Axis): ((value: number) => string) | undefined {
  if (xKey !== undefined || x === "step") return (value) => short(rounded(value));
  return x === "time" ? undefined : (seconds) => duration(seconds * 1_000);
}
