import { describe, expect, test } from "vitest";
import { readAxis, writeAxis } from "./axis";
import { chartOption } from "./chart-option";
import { type Point, pointsOf, smoothed, stepsBetween } from "./points";

const SERIES = {
  run_id: "r",
  key: "loss",
  count: 3,
  steps: [0, 1, 2],
  timestamps: [5_000, 9_000, 7_000],
  values: [3, "NaN" as const, 1],
};
const PALETTE = { series: ["#111", "#222"], line: "#333", faint: "#444", font: "x" };

describe("points", () => {
  test("by step they are as they came, with the values that are not finite", () => {
    expect(pointsOf(SERIES, "step")).toEqual([
      [0, 3, 0],
      [1, Number.NaN, 1],
      [2, 1, 2],
    ]);
  });

  test("by time they are in the order of time", () => {
    expect(pointsOf(SERIES, "relative").map(([x]) => x)).toEqual([0, 2, 4]);
    expect(pointsOf(SERIES, "time").map(([x, , step]) => [x, step])).toEqual([
      [5_000, 0],
      [7_000, 2],
      [9_000, 1],
    ]);
  });

  test("smoothing begins at the first value and goes round what is not finite", () => {
    const line: Point[] = [
      [0, 4, 0],
      [1, Number.NaN, 1],
      [2, 0, 2],
    ];
    const [first, gap, last] = smoothed(line, 0.5);
    expect(first?.[1]).toBe(4);
    expect(gap?.[1]).toBeNaN();
    expect(last?.[1]).toBeCloseTo(4 / 3);
  });

  test("a part of a time axis is a span of steps", () => {
    const curves = [{ id: "r", name: "r", place: 0, points: pointsOf(SERIES, "time") }];
    expect(stepsBetween(curves, 4_000, 8_000)).toEqual({ start: 0, end: 2 });
    expect(stepsBetween(curves, 4_000, 6_000)).toBeUndefined();
  });
});

test("how charts are drawn is read from the address as it was written", () => {
  const axis = { x: "relative", log: true, smoothing: 0.6 } as const;
  expect(readAxis(writeAxis(axis))).toEqual(axis);
  expect(writeAxis(readAxis(undefined))).toBeUndefined();
  expect(readAxis("nonsense,0.6x")).toEqual({ x: "step", log: false, smoothing: 0 });
});

test("a logarithm has a gap at zero, and a smoothed line its raw one behind it", () => {
  const points: Point[] = [
    [0, 1, 0],
    [1, 0, 1],
  ];
  const curves = [{ id: "r", name: "r", place: 7, points }];
  const option = chartOption(curves, { x: "step", log: true, smoothing: 0.6 }, undefined, PALETTE);
  const lines = option.series as { id: string; data: Point[]; lineStyle: { type: number[] } }[];
  expect(lines.map(({ id }) => id)).toEqual(["r raw", "r"]);
  expect(lines[0]?.data[1]?.[1]).toBeNaN();
  expect(lines[0]?.lineStyle.type).toEqual([6, 3]);
});
