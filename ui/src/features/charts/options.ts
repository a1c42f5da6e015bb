/** How each kind of chart is drawn, with the parts of ECharts that it needs; loaded with the first of them. */
import { BarChart, BoxplotChart, ParallelChart, ScatterChart } from "echarts/charts";
import { ParallelComponent } from "echarts/components";
import type { EChartsCoreOption } from "echarts/core";
import { echarts } from "@/components/chart/echarts";
import type { Kind } from "./chart-spec";
import type { Drawing } from "./drawing";
import { contourOption } from "./option-contour";
import { barOption, boxOption } from "./option-groups";
import { parallelOption } from "./option-parallel";
import { scatterOption } from "./option-scatter";

echarts.use([ScatterChart, ParallelChart, BarChart, BoxplotChart, ParallelComponent]);

/** A table, see `ImportanceTable`, needs no canvas. */
export type DrawnKind = Exclude<Kind, "importance">;

export const OPTIONS: Record<DrawnKind, (drawing: Drawing) => EChartsCoreOption> = {
  scatter: scatterOption,
  parallel: parallelOption,
  bar: barOption,
  box: boxOption,
  contour: contourOption,
};
