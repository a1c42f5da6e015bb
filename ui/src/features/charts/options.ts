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

/** Importance is a table; lines are drawn as the panels of metrics are. */
export type DrawnKind = Exclude<Kind, "importance" | "lines">;

export const OPTIONS: Record<DrawnKind, (drawing: Drawing) => EChartsCoreOption> = {
  scatter: scatterOption,
  parallel: parallelOption,
  bar: barOption,
  box: boxOption,
  contour: contourOption,
};
