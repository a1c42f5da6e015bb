import { describe, expect, test } from "vitest";
import { coloured } from "@/features/filter/filter-colours";
import type { RunRow } from "@/lib/api-types";
import { arranged, defaultColumns } from "./columns";
import { share } from "./extents";
import { groupFilter, sortGroups } from "./group-runs";
import { clicked, parseOrders } from "./order";
import { readSelection, selectedIds, selectedToo, toggled, writeSelection } from "./selection";
import { lineAt, lineCount, linesBelow } from "./unfold";

const run = (run_id: string): RunRow => ({
  run_id,
  experiment_id: "0",
  run_name: run_id,
  status: "FINISHED",
  lifecycle_stage: "active",
  user_id: "",
  start_time: 0,
});

describe("the order", () => {
  const first = { text: "metrics.r2", descending: true };

  test("a column is clicked for its first direction, for the other, and for none", () => {
    const once = clicked([], "metrics.r2", first, false);
    const twice = clicked(once, "metrics.r2", first, false);
    expect([once, twice, clicked(twice, "metrics.r2", first, false)]).toEqual([
      parseOrders(["-metrics.r2"]),
      parseOrders(["metrics.r2"]),
      [],
    ]);
  });

  test("with Shift the other keys stay in their places", () => {
    const two = clicked(parseOrders(["params.depth"]), "metrics.r2", first, true);
    expect(two).toEqual(parseOrders(["params.depth", "-metrics.r2"]));
    const turned = clicked(two, "params.depth", { text: "params.depth", descending: false }, true);
    expect(turned).toEqual(parseOrders(["-params.depth", "-metrics.r2"]));
  });
});

describe("the selection", () => {
  test("a run keeps its place when one before it is let go, and that place is taken next", () => {
    const three = selectedToo([], ["a", "b", "c"]);
    const two = toggled(three, "a");
    expect(two).toEqual(["", "b", "c"]);
    expect(toggled(two, "d")).toEqual(["d", "b", "c"]);
    expect(selectedIds(two)).toEqual(["b", "c"]);
  });

  test("it is read from the address as it was written", () => {
    const selection = toggled(selectedToo([], ["a", "b", "c"]), "b");
    expect(readSelection(writeSelection(selection))).toEqual(selection);
    expect(writeSelection(toggled(["a"], "a"))).toBeUndefined();
  });
});

describe("unfolded runs", () => {
  const children = new Map([
    ["p", [run("c1"), run("c2")]],
    ["c1", [run("g1"), run("p")]],
  ]);

  test("children stand below their parent at any depth, and a circle ends", () => {
    const lines = linesBelow("p", children);
    expect(lines.map(({ row, depth }) => `${depth} ${row.run_id}`)).toEqual([
      "1 c1",
      "2 g1",
      "1 c2",
    ]);
  });

  test("positions count the unfolded lines in", () => {
    const unfolded = [
      { index: 1, lines: linesBelow("p", children) },
      { index: 3, lines: [{ row: run("x"), depth: 1 }] },
    ];
    const shown = Array.from({ length: lineCount(5, unfolded) }, (_, i) => lineAt(unfolded, i));
    const told = shown.map((line) => (typeof line === "number" ? line : line.row.run_id));
    expect(told).toEqual([0, 1, "c1", "g1", "c2", 2, 3, "x", 4]);
  });
});

test("columns stand in their groups, without what is no field", () => {
  const columns = arranged(["metrics.m", "params.p", "what", "attributes.duration", "metrics.m"]);
  expect(columns.map(({ id }) => id)).toEqual(["attributes.duration", "params.p", "metrics.m"]);
});

test("the columns of the bookkeeping are not shown by default", () => {
  const known = { params: ["lr"], metrics: ["loss", "system/cpu"], tags: ["mlflow.user", "team"] };
  expect(defaultColumns(known).slice(2)).toEqual(["params.lr", "metrics.loss", "tags.team"]);
});

test("a bar is longest for the best value, and there is none where all are equal", () => {
  const extent = { low: 8, high: 12, decimals: 3 };
  expect([share(8, extent, true), share(9, extent, false)]).toEqual([1, 0.25]);
  expect(share(8, { ...extent, high: 8 }, true)).toBeUndefined();
  expect(share(Number.NaN, extent, true)).toBeUndefined();
});

test("a filter is cut into coloured parts that make up its text", () => {
  const text = "metrics.`val loss` < 1e-3 and (params.model = \"tree\" or run_name LIKE 'a%')";
  const parts = coloured(text);
  expect(parts.map((part) => part.text).join("")).toBe(text);
  const of = (kind: string) => parts.filter((part) => part.kind === kind).map((part) => part.text);
  expect(of("field")).toEqual(["metrics.`val loss`", "params.model", "run_name"]);
  expect(of("text")).toEqual(['"tree"', "'a%'"]);
  expect(of("number")).toEqual(["1e-3"]);
  expect(of("word")).toEqual(["and", "or", "LIKE"]);
});

describe("groups", () => {
  const group = { count: 2, values: ["it's", null], spreads: [] };
  test("are found by a filter", () => {
    expect(groupFilter("", ["params.model", "tags.team"], group)).toBe(
      "params.model = 'it''s' AND tags.team IS NULL",
    );
    expect(groupFilter("a = 1 or b = 2", ["params.model"], group)).toBe(
      "(a = 1 or b = 2) AND params.model = 'it''s'",
    );
  });
  test("are sorted by a value, what is missing last", () => {
    const groups = ["10", "9", null].map((value, i) => ({ count: i, values: [value] }));
    const sorted = (sort: string) =>
      sortGroups(groups, sort, ["params.depth"], []).map(({ values }) => values?.[0]);
    expect(sorted("params.depth")).toEqual(["9", "10", null]);
    expect(sorted("-params.depth")).toEqual(["10", "9", null]);
    expect(sorted("-count")).toEqual([null, "9", "10"]);
  });
});
