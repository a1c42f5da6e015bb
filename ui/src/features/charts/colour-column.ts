import type { ChartSpec } from "./chart-spec";
import type { RunValues, Values } from "./run-values";

/** The column that the colours of a chart go by; none for the colours of the runs. */
export function colourColumn({ kind }: ChartSpec, { columns }: RunValues): Values | undefined {
  if (kind === "scatter" || kind === "contour") return columns[2];
  if (kind === "parallel") return columns.findLast(({ numeric }) => numeric);
  return undefined;
}
