import { palette } from "@/components/chart/palette";
import { type Picture, savePicture } from "@/components/chart/save";
import type { ChartSpec } from "./chart-spec";
import { colourColumn } from "./colour-column";
import { colouring } from "./colouring";
import { type DrawnKind, OPTIONS } from "./options";
import type { RunValues } from "./run-values";

/** Saves a chart of runs as a picture. */
export function saveDrawing(
  title: string,
  spec: ChartSpec & { readonly kind: DrawnKind },
  values: RunValues,
  colours: ReadonlyMap<string, number>,
  kind: Picture,
): void {
  const own = palette();
  const coloured = colouring(colourColumn(spec, values), values.ids, colours, own);
  const drawing = { spec, values, palette: own, colouring: coloured };
  savePicture(title, OPTIONS[spec.kind](drawing), kind);
}
