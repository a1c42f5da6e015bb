import type { Palette } from "@/components/chart/palette";
import type { ChartSpec } from "./chart-spec";
import type { Colouring } from "./colouring";
import type { RunValues } from "./run-values";

/** All that an option is made of. */
export interface Drawing {
  readonly spec: ChartSpec;
  readonly values: RunValues;
  readonly colouring: Colouring;
  readonly palette: Palette;
}
