import { tipBox } from "@/components/chart/tip-box";
import { told } from "./axes";
import { label } from "./chart-spec";
import { named, type RunValues } from "./run-values";

/** Tells of the run whose index a datum has as `i`. */
export const runTip =
  ({ names, columns }: RunValues, colour: (i: number) => string) =>
  (hovered: unknown): HTMLElement | string => {
    const i = indexOf(hovered);
    if (i === undefined) return "";
    const rows = columns.map(({ field, numeric, numbers, texts }) => ({
      name: label(field),
      value: told(field, numeric ? (numbers[i] ?? Number.NaN) : named(texts[i])),
    }));
    const [first, ...others] = rows;
    return tipBox(names[i] ?? "", first ? [{ ...first, colour: colour(i) }, ...others] : []);
  };

/** The run that an event of a chart is about. */
export function indexOf(event: unknown): number | undefined {
  const data = (event as { data?: unknown } | undefined)?.data;
  const i = (data as { i?: unknown } | null | undefined)?.i;
  return typeof i === "number" ? i : undefined;
}
