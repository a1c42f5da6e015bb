import { describe, expect, test } from "vitest";
import type { RunRow } from "@/lib/api-types";
import { brushed, brushFilter } from "./brush";
import { readCharts, titleOf, writeCharts } from "./chart-spec";
import { colouring } from "./colouring";
import { importances } from "./importance";
import { contourOption } from "./option-contour";
import { barOption, groupsOf } from "./option-groups";
import { parallelOption } from "./option-parallel";
import { scatterOption } from "./option-scatter";
import { proposed } from "./proposed";
import { valuesOf } from "./run-values";
import { boxOf, epsilonSquared, quantile, ranks, spearman } from "./statistics";
import { contourAt, surfaceOf } from "./surface";

const PALETTE = {
  series: ["#110000", "#220000"],
  ...{ line: "#333", faint: "#444", ink: "#000", panel: "#fff", rest: "#555", font: "x" },
  accent: "#666666",
  scale: ["#000000", "#ffffff"],
};
const FIELDS = ["params.lr", "params.model", "metrics.rmse"];

const row = (n: number, ...values: (string | number | null)[]): RunRow => ({
  run_id: `r${n}`,
  experiment_id: "1",
  run_name: `run-${n}`,
  status: "FINISHED",
  lifecycle_stage: "active",
  user_id: "ada",
  start_time: 1_000,
  end_time: 3_000,
  values,
});
const ROWS = [
  row(0, "0.1", "tree", 3),
  row(1, "0.01", "tree", 2),
  row(2, "0.001", "deep", 1),
  row(3, null, null, null),
];
const VALUES = valuesOf(ROWS, 9, FIELDS);
const [SPEC] = readCharts("scatter(params.lr,metrics.rmse,params.model,xlog)");

function drawing(text: string, given = ROWS) {
  const [spec = SPEC] = readCharts(text);
  if (!spec) throw new Error(text);
  const order = given === ROWS ? spec.fields.map((one) => FIELDS.indexOf(one)) : [0, 1, 2];
  const rows = given.map((one) => ({
    ...one,
    values: order.map((at) => one.values?.[at] ?? null),
  }));
  const values = valuesOf(rows, rows.length, spec.fields);
  const by = spec.kind === "scatter" ? values.columns[2] : undefined;
  return {
    spec,
    values,
    palette: PALETTE,
    colouring: colouring(by, values.ids, new Map(), PALETTE),
  };
}

test("charts are read from the address as they were written", () => {
  const text =
    "scatter(params.lr,metrics.rmse,params.`a;b,c`,xlog);parallel(params.lr,metrics.rmse,params.lr@0.01..0.5)";
  const charts = readCharts(text);
  expect(charts.map(({ kind, options }) => [kind, options])).toEqual([
    ["scatter", ["xlog"]],
    ["parallel", []],
  ]);
  expect(charts[0]?.fields[2]).toBe("params.`a;b,c`");
  expect(charts[1]?.brush.get("params.lr")).toEqual({ from: 0.01, to: 0.5 });
  expect(writeCharts(charts)).toBe(text);
  expect(readCharts("scatter(params.lr);pie(metrics.a);box(nonsense,metrics.a)")).toEqual([]);
  expect(charts.map(titleOf)).toEqual(["rmse by lr", "lr · rmse"]);
});

test("a chart is proposed whatever there is", () => {
  expect(proposed("scatter", ["params.a"], ["metrics.m"]).fields).toEqual([
    "params.a",
    "metrics.m",
  ]);
  expect(proposed("contour", [], ["metrics.m"]).fields).toEqual([
    "metrics.m",
    "metrics.m",
    "metrics.m",
  ]);
  expect(proposed("importance", [], []).fields).toEqual([]);
});

describe("the values of runs", () => {
  test("are numbers where all that there is are, else texts", () => {
    expect(VALUES.columns.map(({ numeric }) => numeric)).toEqual([true, false, true]);
    expect(VALUES.columns[0]?.numbers).toEqual([0.1, 0.01, 0.001, Number.NaN]);
    expect(VALUES.columns[1]?.texts[3]).toBeUndefined();
    expect(VALUES.total).toBe(9);
  });

  test("attributes are read from the row", () => {
    const { columns } = valuesOf(ROWS, 4, ["attributes.duration", "metrics.rmse"]);
    expect(columns[0]?.numbers[0]).toBe(2);
  });
});

describe("statistics", () => {
  test("equal values share a rank", () => {
    expect(ranks([10, 20, 10, 30])).toEqual([1.5, 3, 1.5, 4]);
  });

  test("rank correlation is that of scipy", () => {
    expect(spearman([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])).toBeCloseTo(0.8207826817, 9);
    expect(spearman([1, 1, 1], [1, 2, 3])).toBeUndefined();
  });

  test("epsilon squared is H / (n - 1) of scipy's Kruskal and Wallis", () => {
    const groups = ["a", "a", "a", "b", "b", "b", "c", "c", "c"];
    const values = [1, 3, 5, 2, 4, 6, 7, 8, 8];
    expect(epsilonSquared(groups, values)).toBeCloseTo(5.6470588235 / 8, 9);
    expect(
      epsilonSquared(
        groups,
        values.map(() => 1),
      ),
    ).toBeUndefined();
  });

  test("quartiles and whiskers leave out what lies far away", () => {
    expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75);
    expect(boxOf([1, 2, 3, 4, 5, 100])).toEqual({
      five: [1, 2.25, 3.5, 4.75, 5],
      outliers: [100],
    });
  });
});

test("what goes with a metric, the most first; texts of which each run has its own say nothing", () => {
  const rows = Array.from({ length: 8 }, (_, n) =>
    row(n, n, 8 - n, n % 2 ? "x" : "y", `id-${n}`, 7),
  );
  const fields = ["metrics.m", "params.down", "params.kind", "params.own", "params.same"];
  const found = importances(valuesOf(rows, 8, fields));
  expect(found.map(({ field }) => field)).toEqual(["params.down", "params.kind"]);
  expect(found[0]).toMatchObject({ correlation: -1, share: 1, runs: 8 });
  expect(found[1]?.share).toBeCloseTo(0.0476, 3);
});

describe("a brush", () => {
  const brush = new Map([
    ["params.lr", { from: 0.005, to: 1 }],
    ["params.model", { from: 1.6, to: 2.4 }],
  ]);

  test("marks the runs that lie within on every axis", () => {
    expect(brushed(VALUES, brush)).toEqual(["r0", "r1"]);
    expect(brushed(VALUES, new Map([["params.lr", { from: 0.005, to: 0.05 }]]))).toEqual(["r1"]);
    expect(brushed(VALUES, new Map())).toEqual([]);
  });

  test("is a filter, beside that of the table", () => {
    expect(brushFilter("metrics.a < 1 or metrics.b < 2", VALUES, brush)).toBe(
      "(metrics.a < 1 or metrics.b < 2) AND params.lr >= 0.005 AND params.lr <= 1 AND params.model IN ('tree')",
    );
  });
});

describe("what is drawn", () => {
  test("a scatter has a series for each text of its colour, and gaps for what is missing", () => {
    const option = scatterOption(drawing("scatter(params.lr,metrics.rmse,params.model,xlog)"));
    const series = option.series as { name: string; data: { value: unknown }[] }[];
    expect(series.map(({ name, data }) => [name, data.length])).toEqual([
      ["deep", 1],
      ["none", 1],
      ["tree", 2],
    ]);
    expect(series[1]?.data[0]?.value).toEqual(["-", "-"]);
    expect((option.xAxis as { type: string }).type).toBe("log");
  });

  test("axes over decades are logarithmic, texts have places of their own", () => {
    const option = parallelOption(drawing("parallel(params.lr,params.model,metrics.rmse)"));
    const axes = option.parallelAxis as { type: string }[];
    expect(axes.map(({ type }) => type)).toEqual(["log", "category", "value"]);
  });

  test("bars are means of groups, or runs by their value", () => {
    const { values } = drawing("bar(metrics.rmse,params.model)");
    expect(groupsOf(values).map(({ name, values: of }) => [name, of])).toEqual([
      ["deep", [1]],
      ["tree", [3, 2]],
    ]);
    const [bars] = barOption(drawing("bar(metrics.rmse)")).series as { data: { name: string }[] }[];
    expect(bars?.data.map(({ name }) => name)).toEqual(["run-0", "run-1", "run-2"]);
  });

  test("a contour has a cell wherever runs are near", () => {
    const rows = Array.from({ length: 25 }, (_, n) => row(n, n % 5, Math.floor(n / 5), n));
    const option = contourOption(drawing("contour(params.x,params.y,metrics.z)", rows));
    const [cells, lines, points] = option.series as { data: unknown[] }[];
    expect(cells?.data.length).toBe(56 * 56);
    expect(lines?.data.length).toBeGreaterThan(100);
    expect(points?.data.length).toBe(25);
  });
});

test("a surface goes through a plane's middle, and its lines are straight", () => {
  const spots = [0, 0.5, 1].flatMap((x) => [0, 0.5, 1].map((y) => ({ x, y, value: x })));
  const surface = surfaceOf(spots, 11);
  expect(surface.heights[60]).toBeCloseTo(0.5);
  const line = contourAt(surface, 0.5001);
  expect(line.length).toBe(10);
  for (const [x1, , x2] of line) expect(Math.abs(x1 - 0.5) + Math.abs(x2 - 0.5)).toBeLessThan(0.01);
  expect(surfaceOf([{ x: 0, y: 0, value: 1 }], 11).heights[120]).toBeNaN();
});
