import type { EChartsCoreOption } from "echarts/core";
import { COLOURS, dash } from "@/lib/colours";
import { duration, short } from "@/lib/format";
import type { Axis } from "./axis";
import { type Curve, type Point, smoothed } from "./points";

/** What a canvas needs to know of the palette. */
export interface Palette {
  readonly series: readonly string[];
  readonly line: string;
  readonly faint: string;
  readonly font: string;
}

export interface Window {
  readonly from: number;
  readonly to: number;
}

const RAW_OPACITY = 0.22;

export function chartOption(
  curves: readonly Curve[],
  axis: Axis,
  window: Window | undefined,
  palette: Palette,
): EChartsCoreOption {
  const label = { color: palette.faint, fontSize: 10, fontFamily: palette.font };
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
      type: axis.x === "time" ? "time" : "value",
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
      axisLabel: { ...label, formatter: (value: number) => short(value) },
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: palette.line } },
      splitNumber: 3,
    },
    tooltip: {
      trigger: "axis",
      confine: true,
      transitionDuration: 0,
      // The frame is that of the element that `tip` gives.
      padding: 0,
      borderWidth: 0,
      backgroundColor: "transparent",
      extraCssText: "box-shadow: none",
      position: beside,
      axisPointer: { type: "line", lineStyle: { color: palette.faint, type: [2, 2] } },
    },
    series: curves.flatMap((curve) => lines(curve, axis, palette)),
  };
}

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

function xLabel({ x }: Axis): ((value: number) => string) | undefined {
  if (x === "time") return undefined;
  return x === "step" ? short : (seconds) => duration(seconds * 1_000);
}

function lines(curve: Curve, { smoothing, log }: Axis, palette: Palette) {
  const colour = palette.series[curve.place % COLOURS];
  const drawn = drawable(curve.points, log);
  const line = (points: readonly Point[], opacity: number, named: boolean) => ({
    id: named ? curve.id : `${curve.id} raw`,
    name: curve.name,
    type: "line",
    data: points,
    color: colour,
    silent: true,
    symbol: "circle",
    symbolSize: 4,
    showSymbol: points.length < 2,
    connectNulls: false,
    tooltip: { show: named },
    lineStyle: { width: 1.6, opacity, type: [...dash(curve.place)] },
    z: named ? 3 : 2,
  });
  if (smoothing === 0) return [line(drawn, 1, true)];
  return [line(drawn, RAW_OPACITY, false), line(smoothed(drawn, smoothing), 1, true)];
}

/** A logarithm has nothing to say of zero and less: there the line has a gap. */
const drawable = (points: readonly Point[], log: boolean): readonly Point[] =>
  log ? points.map(([x, y, step]) => [x, y > 0 ? y : Number.NaN, step]) : points;
