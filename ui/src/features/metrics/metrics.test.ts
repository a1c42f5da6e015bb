import { describe, expect, test } from "vitest";
import { type Axis, readAxis, writeAxis } from "./axis";
import { chartOption } from "./chart-option";
import { curveRows } from "./curve-rows";
import { readOwn, writeOwn } from "./layout";
import { type Curve, curveOf, type Point, pointsOf, stepsBetween, withoutOutliers } from "./points";
import { smooth } from "./smoothing";
import { readZooms, writeZooms, zoomed } from "./zooms";

const SERIES = {
  run_id: "r",
  key: "loss",
  count: 3,
  steps: [0, 1, 2],
  timestamps: [5_000, 9_000, 7_000],
  values: [3, "NaN" as const, 1],
  first_timestamp: 5_000,
};
const PALETTE = {
  series: ["#111", "#222"],
  line: "#333",
  faint: "#444",
  ink: "#000",
  panel: "#fff",
  rest: "#555",
  accent: "#666",
  scale: ["#000", "#fff"],
  font: "x",
};
const by = (text: string): Axis => readAxis(text);
const curve = (points: readonly Point[], place = 0): Curve => ({
  id: "r",
  owner: "r",
  name: "r",
  place,
  points,
});

describe("points", () => {
  test("by step they are as they came, with the values that are not finite", () => {
    expect(pointsOf(SERIES, by("step"))).toEqual([
      [0, 3, 0],
      [1, Number.NaN, 1],
      [2, 1, 2],
    ]);
  });

  test("by time they are in the order of time", () => {
    expect(pointsOf(SERIES, by("relative")).map(([x]) => x)).toEqual([0, 2, 4]);
    expect(pointsOf(SERIES, by("time")).map(([x, , step]) => [x, step])).toEqual([
      [5_000, 0],
      [7_000, 2],
      [9_000, 1],
    ]);
  });

  test("by another metric they stand where the server says, in the order of steps", () => {
    const placed = { ...SERIES, x: [0.5, 0.25, "NaN" as const] };
    expect(pointsOf(placed, by("metrics.epoch")).map(([x]) => x)).toEqual([0.5, 0.25, Number.NaN]);
  });

  test("of a part, relative time goes on from the start of the whole series", () => {
    const part = { ...SERIES, steps: [2], timestamps: [7_000], values: [1] };
    expect(pointsOf(part, by("relative"))).toEqual([[2, 1, 2]]);
  });

  test("a part of a time axis is a span of steps", () => {
    const curves = [curve(pointsOf(SERIES, by("time")))];
    expect(stepsBetween(curves, { from: 4_000, to: 8_000 })).toEqual({ start: 0, end: 2 });
    expect(stepsBetween(curves, { from: 4_000, to: 6_000 })).toBeUndefined();
  });
});

describe("smoothing", () => {
  test("an exponential average begins at the first value and goes round what is not finite", () => {
    const [first, gap, last] = smooth([4, Number.NaN, 0], { kind: "ema", amount: 0.5 });
    expect(first).toBe(4);
    expect(gap).toBeNaN();
    expect(last).toBeCloseTo(4 / 3);
  });

  test("a running average looks to both sides as far as there are values", () => {
    const average = { kind: "average", amount: 3 } as const;
    expect(smooth([3, 0, 3, 9], average)).toEqual([1.5, 2, 4, 6]);
    expect(smooth([Number.NaN, 2], average)).toEqual([Number.NaN, 2]);
  });

  test("a Gaussian keeps a constant and levels a spike evenly", () => {
    const gaussian = { kind: "gaussian", amount: 1 } as const;
    expect(smooth([2, 2, 2], gaussian)).toEqual([2, 2, 2]);
    const spike = smooth([0, 0, 0, 0, 1, 0, 0, 0, 0], gaussian);
    expect(spike[4]).toBeCloseTo(0.399, 3);
    expect(spike[3]).toBeCloseTo(spike[5] ?? 0);
  });
});

test("outliers are a few percent at both ends", () => {
  const points = Array.from({ length: 100 }, (_, i): Point => [i, i === 50 ? 1e9 : 1 + i / 100, i]);
  const limits = withoutOutliers([curve(points)], undefined, false);
  expect(limits?.max).toBeLessThan(2.1);
  expect(limits?.min).toBeGreaterThan(0.9);
  expect(withoutOutliers([curve(points)], { from: 40, to: 45 }, true)).toBeUndefined();
});

const BAND = {
  metric_key: "m",
  x: [0, 1],
  mean: [2, 4],
  min: [1, 4],
  max: [3, 4],
  std: [0.5, 0],
  runs: [2, 1],
};

test("a band is drawn as one shape around the mean, on a logarithm where it is positive", () => {
  const curves = [curveOf({ ...BAND, min: [-1, 4] }, "range", "tree", 0)];
  const option = chartOption(curves, by("log"), undefined, PALETTE);
  const [shape, mean] = option.series as { id: string; data: number[][] }[];
  expect([shape?.id, mean?.id]).toEqual(["band:group tree", "group tree"]);
  expect(shape?.data).toEqual([
    [0, 3, 3],
    [1, 4, 4],
  ]);
  expect(curveOf(BAND, "std", "tree", 0).spread?.high).toEqual([2.5, 4]);
});

test("what is drawn is saved as rows, in the part that is shown", () => {
  const curves = [curve(pointsOf(SERIES, by("relative")))];
  expect(curveRows(curves, by("relative"), { from: 1, to: 3 })).toEqual([
    ["run_id", "run", "seconds", "step", "value"],
    ["r", "r", 2, 2, 1],
  ]);
  expect(curveRows([curveOf(BAND, "std", "tree", 0)], by("step"), undefined)[1]).toEqual([
    "tree",
    0,
    2,
    0.5,
    1.5,
    2.5,
    2,
  ]);
});

test("panels that are drawn otherwise are read from the address as they were written", () => {
  const text = "metrics.loss@log,ema0.6;metrics.`a;b@c`@step;metrics.`x · y`@metrics.`e,f`,clip";
  expect(writeOwn(readOwn(text))).toBe(text);
  expect([...readOwn(text).keys()]).toEqual(["loss", "a;b@c", "x · y"]);
  expect(readOwn("nonsense;@log").size).toBe(0);
});

test("zooms are read from the address as they were written", () => {
  const text = "metrics.loss@10..200.5,metrics.`a,b`@-1e-7..3";
  expect(writeZooms(readZooms(text))).toBe(text);
  const less = zoomed(readZooms(text), "loss", undefined);
  expect([...less.keys()]).toEqual(["a,b"]);
  expect(readZooms("metrics.loss@5..1,nonsense,@").size).toBe(0);
});

test("how charts are drawn is read from the address as it was written", () => {
  const text = "relative,xlog,log,average9,clip,range";
  expect(writeAxis(readAxis(text))).toBe(text);
  expect(readAxis("0.6").smoothing).toEqual({ kind: "ema", amount: 0.6 });
  expect(readAxis("metrics.`a, b`,ema0.9").xKey).toBe("a, b");
  expect(writeAxis(readAxis(undefined))).toBeUndefined();
  expect(writeAxis(readAxis("nonsense,0.6x,ema7"))).toBeUndefined();
});

test("a logarithm has a gap at zero, and a smoothed line its raw one behind it", () => {
  const points: Point[] = [
    [0, 1, 0],
    [1, 0, 1],
  ];
  const option = chartOption([curve(points, 7)], by("log,ema0.6"), undefined, PALETTE);
  const lines = option.series as { id: string; data: Point[]; lineStyle: { type: number[] } }[];
  expect(lines.map(({ id }) => id)).toEqual(["raw:r", "r"]);
  expect(lines[0]?.data[1]?.[1]).toBeNaN();
  expect(lines[0]?.lineStyle.type).toEqual([6, 3]);
});
