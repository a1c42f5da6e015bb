import type { EChartsCoreOption } from "echarts/core";
import { TOOLTIP } from "@/components/chart/tip-box";
import { axisOf, placed } from "./axes";
import { extent } from "./colouring";
import type { Drawing } from "./drawing";
import { runTip } from "./run-tip";
import type { Values } from "./run-values";

const BRUSH_PX = 16;
const DECADES = 2;

/** A line for each run through all axes; parts of axes may be marked. */
export function parallelOption({ values, colouring, palette }: Drawing): EChartsCoreOption {
  const { of } = colouring;
  return {
    animation: false,
    parallel: { left: 36, right: 44, top: 30, bottom: 12 },
    parallelAxis: values.columns.map((column, dim) => ({
      ...labelled(axisOf(column, isWide(column), palette), palette.panel),
      dim,
      id: column.field,
      nameLocation: "end",
      nameGap: 10,
      splitLine: { show: false },
      axisLine: { lineStyle: { color: palette.rest } },
      realtime: false,
      areaSelectStyle: {
        width: BRUSH_PX,
        color: palette.accent,
        borderColor: palette.accent,
        opacity: 0.25,
      },
    })),
    tooltip: { ...TOOLTIP, trigger: "item", formatter: runTip(values, of) },
    series: [
      {
        type: "parallel",
        data: values.ids.map((id, i) => ({
          name: id,
          value: values.columns.map((column) => placed(column, i)),
          lineStyle: { color: of(i) },
          i,
        })),
        lineStyle: { width: 1.3, opacity: 0.65 },
        emphasis: { lineStyle: { width: 2.6, opacity: 1 } },
        activeOpacity: 0.9,
        inactiveOpacity: 0.06,
        progressive: 0,
      },
    ],
  };
}

/** The lines run behind what an axis says. */
const labelled = <A extends { axisLabel: object }>(axis: A, ground: string) => ({
  ...axis,
  axisLabel: { ...axis.axisLabel, backgroundColor: ground, padding: [1, 3], borderRadius: 2 },
});

/** Numbers over several decades, such as learning rates, are read by their size. */
export function isWide({ numeric, numbers, field }: Values): boolean {
  if (!numeric || field.startsWith("attributes.")) return false;
  const [low, high] = extent(numbers);
  return low > 0 && Math.log10(high / low) >= DECADES;
}
