import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from "echarts";
import type { EChartsCoreOption } from "echarts/core";
import { TOOLTIP } from "@/components/chart/tip-box";
import { axisOf, GRID, X_NAME, Y_NAME } from "./axes";
import { extent, scaled } from "./colouring";
import type { Drawing } from "./drawing";
import { runTip } from "./run-tip";
import { contourAt, type Spot, surfaceOf } from "./surface";

const SIZE = 40;
const LEVELS = 10;
const OVERLAP_PX = 0.6; // so that no seam is seen between two cells

/** From the values of an axis to 0 to 1, and back. */
interface Span {
  readonly to: (value: number) => number;
  readonly from: (part: number) => number;
}

function spanOf(values: readonly number[], log: boolean): Span {
  const [map, back] = log ? [Math.log, Math.exp] : [(v: number) => v, (v: number) => v];
  const [low, high] = extent(values.map(map));
  const size = high - low || 1;
  return { to: (value) => (map(value) - low) / size, from: (part) => back(low + part * size) };
}

/** A surface over two fields, smoothed from the runs, with the runs as points. */
export function contourOption({ spec, values, palette }: Drawing): EChartsCoreOption {
  const [x, y, z] = values.columns;
  if (!x || !y || !z) return {};
  const [logX, logY] = ["xlog", "ylog"].map((option) => spec.options.includes(option));
  const used = values.ids.flatMap((_, i) =>
    isDrawable(x.numbers[i], logX) &&
    isDrawable(y.numbers[i], logY) &&
    isDrawable(z.numbers[i], false)
      ? [i]
      : [],
  );
  const of = (column: { numbers: readonly number[] }) => used.map((i) => column.numbers[i] ?? 0);
  const [spanX, spanY] = [spanOf(of(x), logX ?? false), spanOf(of(y), logY ?? false)];
  const spots = used.map(
    (i): Spot => ({
      x: spanX.to(x.numbers[i] ?? 0),
      y: spanY.to(y.numbers[i] ?? 0),
      value: z.numbers[i] ?? 0,
    }),
  );
  const surface = surfaceOf(spots, SIZE);
  const [low, high] = extent(surface.heights);
  const level = (height: number) =>
    high > low ? Math.min(LEVELS - 1, Math.floor(((height - low) / (high - low)) * LEVELS)) : 0;
  const colour = (height: number) => scaled(level(height) / (LEVELS - 1), palette.scale);
  const step = 1 / (SIZE - 1);
  const cells = surface.heights.flatMap((height, at) =>
    Number.isNaN(height) ? [] : [[(at % SIZE) * step, Math.floor(at / SIZE) * step, height]],
  );
  const corner = (api: CustomSeriesRenderItemAPI, px: number, py: number) =>
    api.coord([spanX.from(within(px)), spanY.from(within(py))]) as [number, number];
  const drawCell = (_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) => {
    const [px = 0, py = 0, height = 0] = cells[_.dataIndex] ?? [];
    const [left, bottom] = corner(api, px - step / 2, py - step / 2);
    const [right, top] = corner(api, px + step / 2, py + step / 2);
    const shape = {
      x: left,
      y: top,
      width: right - left + OVERLAP_PX,
      height: bottom - top + OVERLAP_PX,
    };
    return { type: "rect", shape, style: { fill: colour(height) } };
  };
  const lines = Array.from({ length: LEVELS - 1 }, (_, i) =>
    contourAt(surface, low + ((i + 1) / LEVELS) * (high - low)),
  ).flat();
  const drawLine = (_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) => {
    const [ax = 0, ay = 0, bx = 0, by = 0] = lines[_.dataIndex] ?? [];
    const [[x1, y1], [x2, y2]] = [corner(api, ax, ay), corner(api, bx, by)];
    return {
      type: "line",
      shape: { x1, y1, x2, y2 },
      style: { stroke: palette.panel, opacity: 0.7 },
    };
  };
  const custom = { type: "custom", silent: true, clip: true, tooltip: { show: false } };
  return {
    animation: false,
    grid: GRID,
    xAxis: { ...axisOf(x, logX ?? false, palette), ...X_NAME },
    yAxis: { ...axisOf(y, logY ?? false, palette), ...Y_NAME },
    tooltip: {
      ...TOOLTIP,
      trigger: "item",
      formatter: runTip(values, (i) => colour(z.numbers[i] ?? 0)),
    },
    series: [
      {
        ...custom,
        data: cells.map(([px = 0, py = 0]) => [spanX.from(px), spanY.from(py)]),
        renderItem: drawCell,
      },
      {
        ...custom,
        data: lines.map(([px, py]) => [spanX.from(px), spanY.from(py)]),
        renderItem: drawLine,
      },
      {
        type: "scatter",
        symbolSize: 6,
        itemStyle: { color: palette.ink, borderColor: palette.panel, borderWidth: 1 },
        data: used.map((i) => ({ name: values.ids[i], value: [x.numbers[i], y.numbers[i]], i })),
        emphasis: { scale: 1.8 },
      },
    ],
  };
}

const within = (part: number): number => Math.min(1, Math.max(0, part));

const isDrawable = (value: number | undefined, log: boolean | undefined): boolean =>
  value !== undefined && Number.isFinite(value) && (!log || value > 0);
