import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from "echarts";
import type { Palette } from "@/components/chart/palette";
import { COLOURS, dash } from "@/lib/colours";
import { type Axis, usesTime } from "./axis";
import type { Curve, Point } from "./points";
import { smooth } from "./smoothing";

const RAW_OPACITY = 0.22;
const BAND_OPACITY = 0.16;
const FADED = 0.15;

/** What is drawn of a curve: the line, what it was before it was smoothed, the band around it. */
export function linesOf(curve: Curve, axis: Axis, palette: Palette): object[] {
  const colour = palette.series[curve.place % COLOURS] ?? palette.faint;
  const line = (points: readonly Point[], opacity: number, named: boolean) => ({
    id: named ? curve.id : `raw:${curve.id}`,
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
    lineStyle: { width: 1.6, opacity, type: [...dashOf(curve)] },
    emphasis: { focus: "series", lineStyle: { width: 2.2, opacity } },
    blur: { lineStyle: { opacity: FADED * opacity } },
    z: named ? 3 : 2,
  });
  const raw = drawable(curve.points, axis);
  const smoothed = axis.smoothing.kind !== "none";
  const named = line(smoothed ? smoothedPoints(raw, axis) : raw, 1, true);
  const behind = smoothed && !curve.spread ? [line(raw, RAW_OPACITY, false)] : [];
  return [...bandOf(curve, axis, colour), ...behind, named];
}

const dashOf = ({ place, dash: own }: Curve): readonly number[] =>
  dash(own === undefined ? place : own * COLOURS);

const smoothedPoints = (points: readonly Point[], { smoothing }: Axis): readonly Point[] => {
  const values = smooth(
    points.map(([, y]) => y),
    smoothing,
  );
  return points.map(([x, , step], i): Point => [x, values[i] ?? Number.NaN, step]);
};

/** A logarithm has nothing to say of zero and less: there the line has a gap. */
function drawable(points: readonly Point[], axis: Axis): readonly Point[] {
  const logX = axis.logX && !usesTime(axis);
  if (!axis.log && !logX) return points;
  return points.map(([x, y, step]) => {
    const there = (!axis.log || y > 0) && (!logX || x > 0);
    return [logX && x <= 0 ? Number.NaN : x, there ? y : Number.NaN, step];
  });
}

/** The band as one shape: it holds on any scale, where stacked areas do not. */
function bandOf({ id, name, points, spread }: Curve, axis: Axis, colour: string): object[] {
  if (!spread || spread.low.length === 0) return [];
  const [low, high] = [spread.low, spread.high].map((edge) => smooth(edge, axis.smoothing));
  const logX = axis.logX && !usesTime(axis);
  const rows = points.flatMap(([x], i): [number, number, number][] => {
    const [from, to] = [low?.[i] ?? Number.NaN, high?.[i] ?? Number.NaN];
    if (!(from <= to) || (logX && x <= 0) || (axis.log && to <= 0)) return [];
    return [[x, axis.log && from <= 0 ? to : from, to]];
  });
  const edges = (api: CustomSeriesRenderItemAPI, at: 1 | 2) =>
    rows.map((row) => api.coord([row[0], row[at]]));
  const renderItem = (params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) =>
    params.dataIndex > 0
      ? null
      : {
          type: "polygon",
          shape: { points: [...edges(api, 2), ...edges(api, 1).reverse()] },
          style: { fill: colour, opacity: BAND_OPACITY },
        };
  return [
    {
      id: `band:${id}`,
      name,
      type: "custom",
      data: rows,
      dimensions: ["x", "low", "high"],
      encode: { x: "x", y: ["low", "high"] },
      renderItem,
      silent: true,
      clip: true,
      tooltip: { show: false },
      z: 1,
    },
  ];
}
