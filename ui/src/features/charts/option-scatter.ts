import type { EChartsCoreOption } from "echarts/core";
import { TOOLTIP } from "@/components/chart/tip-box";
import { axisOf, GRID, placed, X_NAME, Y_NAME } from "./axes";
import type { Drawing } from "./drawing";
import { runTip } from "./run-tip";

const SIZE_PX = 8;
const SHAPES = ["circle", "triangle", "rect", "diamond", "pin"];

/** A point for each run. */
export function scatterOption({ spec, values, colouring, palette }: Drawing): EChartsCoreOption {
  const [x, y, by] = values.columns;
  if (!x || !y) return {};
  const { legend, of } = colouring;
  const points = values.ids.map((id, i) => ({
    name: id,
    value: [placed(x, i), placed(y, i)],
    itemStyle: { color: of(i), opacity: 0.85 },
    i,
  }));
  const names = legend?.kind === "categories" ? legend.names : [undefined];
  return {
    animation: false,
    grid: GRID,
    xAxis: { ...axisOf(x, spec.options.includes("xlog"), palette), ...X_NAME },
    yAxis: { ...axisOf(y, spec.options.includes("ylog"), palette), ...Y_NAME },
    tooltip: { ...TOOLTIP, trigger: "item", formatter: runTip(values, of) },
    series: names.map((name, place) => ({
      type: "scatter",
      name: name ?? y.field,
      symbolSize: SIZE_PX,
      // Beyond the colours that there are, another shape.
      symbol: SHAPES[Math.floor(place / palette.series.length) % SHAPES.length],
      color: name === undefined ? palette.accent : palette.series[place % palette.series.length],
      data:
        name === undefined ? points : points.filter(({ i }) => (by?.texts[i] ?? "none") === name),
      emphasis: { scale: 1.7 },
    })),
  };
}
