import { type Axis, axisUnit } from "./axis";
import type { Curve, Window } from "./points";

const UNITS: Record<string, string> = {
  step: "step",
  relative: "seconds",
  time: "time",
};

/** What a chart draws as rows of a table, its head first: not smoothed, and of the part that is shown. */
export function curveRows(
  curves: readonly Curve[],
  axis: Axis,
  window: Window | undefined,
): (string | number)[][] {
  const unit = axis.xKey ?? UNITS[axisUnit(axis)] ?? "x";
  const grouped = curves.some(({ spread }) => spread);
  const byStep = unit === "step";
  const head = grouped
    ? ["group", unit, "mean", "std", "low", "high", "runs"]
    : ["run_id", "run", ...(byStep ? [] : [unit]), "step", "value"];
  const rows = curves.flatMap(({ id, name, points, spread }) =>
    points.flatMap(([x, y, step], i) => {
      if (window && (x < window.from || x > window.to)) return [];
      const place = axis.x === "time" && !axis.xKey ? new Date(x).toISOString() : x;
      if (!spread) return [[id, name, ...(byStep ? [] : [place]), step, y]];
      const { low, high, std, runs } = spread;
      return [[name, place, y, std[i] ?? "", low[i] ?? "", high[i] ?? "", runs[i] ?? ""]];
    }),
  );
  return [head, ...rows];
}
