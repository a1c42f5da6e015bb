import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from "echarts";
import type { EChartsCoreOption } from "echarts/core";
import { TOOLTIP } from "@/components/chart/tip-box";
import { axisOf, GRID, X_NAME, Y_NAME } from "./axes";
import { extent, scaled } from "./colouring";
import type { Drawing } from "./drawing";
import { runTip } from "./run-tip";
import type { Values } from "./run-values";
import { contourAt, type Spot, type Surface, surfaceOf } from "./surface";

const SIZE = 56;
const STEP = 1 / (SIZE - 1);
const LEVELS = 10;
const OVERLAP_PX = 0.6; // so that no seam is seen between two cells
const SHAPE = {
  ...{ type: "custom", silent: true, clip: true, progressive: 0 },
  tooltip: { show: false },
} as const;

/** From the values of an axis to 0 to 1, and back. */
interface Span {
  readonly to: (value: number) => number;
  readonly from: (part: number) => number;
}

/** A surface over two fields, smoothed from the runs, with the runs as points. */
export function contourOption({ spec, values, palette }: Drawing): EChartsCoreOption {
  const [x, y, z] = values.columns;
  if (!x || !y || !z) return {};
  const [logX = false, logY = false] = ["xlog", "ylog"].map((one) => spec.options.includes(one));
  const used = values.ids.flatMap((_, i) =>
    drawable(x, i, logX) && drawable(y, i, logY) && drawable(z, i, false) ? [i] : [],
  );
  const spans = [spanOf(x, used, logX), spanOf(y, used, logY)] as const;
  const spots = used.map((i) => spotOf(i, x, y, z, spans));
  const [low, high] = extent(spots.map(({ value }) => value));
  const colour = (height: number) =>
    scaled(high > low ? (height - low) / (high - low) : 0.5, palette.scale);
  const surface = surfaceOf(spots, SIZE);
  return {
    animation: false,
    grid: GRID,
    xAxis: { ...axisOf(x, logX, palette), ...X_NAME },
    yAxis: { ...axisOf(y, logY, palette), ...Y_NAME },
    tooltip: {
      ...TOOLTIP,
      trigger: "item",
      formatter: runTip(values, (i) => colour(z.numbers[i] ?? 0)),
    },
    series: [
      cells(surface, spans, colour),
      lines(surface, spans, [low, high], palette.panel),
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

type Spans = readonly [Span, Span];

function spanOf({ numbers }: Values, used: readonly number[], log: boolean): Span {
  const [map, back] = log ? [Math.log, Math.exp] : [(v: number) => v, (v: number) => v];
  const [low, high] = extent(used.map((i) => map(numbers[i] ?? 0)));
  const size = high - low || 1;
  return { to: (value) => (map(value) - low) / size, from: (part) => back(low + part * size) };
}

function spotOf(i: number, x: Values, y: Values, z: Values, [across, up]: Spans): Spot {
  const [atX = 0, atY = 0, value = 0] = [x, y, z].map(({ numbers }) => numbers[i]);
  return { x: across.to(atX), y: up.to(atY), value };
}

const pixel = (api: CustomSeriesRenderItemAPI, [across, up]: Spans, x: number, y: number) =>
  api.coord([across.from(within(x)), up.from(within(y))]) as [number, number];

/** The surface as small rectangles. */
function cells({ size, heights }: Surface, spans: Spans, colour: (height: number) => string) {
  const there = heights.flatMap((height, at) =>
    Number.isNaN(height) ? [] : [[(at % size) * STEP, Math.floor(at / size) * STEP, height]],
  );
  const renderItem = (params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) => {
    const [x = 0, y = 0, height = 0] = there[params.dataIndex] ?? [];
    const [left, bottom] = pixel(api, spans, x - STEP / 2, y - STEP / 2);
    const [right, top] = pixel(api, spans, x + STEP / 2, y + STEP / 2);
    const [width, tall] = [right - left + OVERLAP_PX, bottom - top + OVERLAP_PX];
    const shape = { x: left, y: top, width, height: tall };
    return { type: "rect", shape, style: { fill: colour(height) } };
  };
  const data = there.map(([x = 0, y = 0]) => [spans[0].from(x), spans[1].from(y)]);
  return { ...SHAPE, data, renderItem };
}

/** Lines of equal height, evenly from the least value to the greatest. */
function lines(
  surface: Surface,
  spans: Spans,
  [low, high]: readonly [number, number],
  colour: string,
) {
  const segments = Array.from({ length: LEVELS - 1 }, (_, i) =>
    contourAt(surface, low + ((i + 1) / LEVELS) * (high - low)),
  ).flat();
  const renderItem = (params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) => {
    const [ax = 0, ay = 0, bx = 0, by = 0] = segments[params.dataIndex] ?? [];
    const [[x1, y1], [x2, y2]] = [pixel(api, spans, ax, ay), pixel(api, spans, bx, by)];
    return { type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: colour, opacity: 0.7 } };
  };
  const data = segments.map(([x, y]) => [spans[0].from(x), spans[1].from(y)]);
  return { ...SHAPE, data, renderItem };
}

const within = (part: number): number => Math.min(1, Math.max(0, part));

function drawable({ numbers }: Values, i: number, log: boolean): boolean {
  const value = numbers[i];
  return value !== undefined && Number.isFinite(value) && (!log || value > 0);
}
