import { describe, expect, test } from "vitest";
import { imageRows, pictureAt, stepsOf } from "@/features/artifacts/image-rows";
import type { Run } from "@/lib/api-types";
import { environmentSections } from "./environment";
import { diffLines, folded } from "./line-diff";
import { differs, isSame, relative, sectionsOf, shownSections } from "./rows";

const run = (run_id: string, params: object, metrics: object): Run => ({
  info: {
    run_id,
    run_uuid: run_id,
    experiment_id: "1",
    status: "FINISHED",
    start_time: 1_000,
    end_time: 3_000,
    lifecycle_stage: "active",
  },
  data: {
    params: Object.entries(params).map(([key, value]) => ({ key, value })),
    metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, timestamp: 1, step: 1 })),
  },
});

test("a name that any run has is a row, and absent where it was not logged", () => {
  const runs = [run("a", { lr: "0.1", depth: "3" }, { loss: 2 }), run("b", { lr: "0.10" }, {})];
  const sections = sectionsOf(runs, () => "digits");
  const told = Object.fromEntries(
    sections.flatMap(({ rows }) => rows.map(({ key, cells }) => [key, cells.map((c) => c.text)])),
  );
  expect(told).toMatchObject({
    loss: ["2", ""],
    depth: ["3", ""],
    lr: ["0.1", "0.10"],
    experiment: ["digits", "digits"],
    duration: ["2.0 s", "2.0 s"],
  });
  const shown = shownSections(sections, () => true, true);
  expect(shown.flatMap(({ rows }) => rows.map(({ key }) => key))).toEqual([
    "loss",
    "depth",
    "run_id",
  ]);
});

test("numbers are the same by value, texts letter by letter", () => {
  expect(isSame({ text: "1", number: 1 }, { text: "1.0", number: 1 })).toBe(true);
  expect(isSame({ text: "NaN", number: Number.NaN }, { text: "NaN", number: Number.NaN })).toBe(
    true,
  );
  expect(differs({ key: "x", cells: [{ text: "a" }, { text: "a" }, { text: "A" }] })).toBe(true);
});

test.each([
  [1.1, 1, "+10%"],
  [0.5, 2, "−75%"],
  [-1, -2, "+50%"],
  [3, 0, "+3"],
  [50, 0.01, "+499,900%"],
  [Number.NaN, 1, ""],
  [2, 2, ""],
])("%d is held against %d as %s", (a, b, text) =>
  expect(relative({ text: "", number: a }, { text: "", number: b })).toBe(text),
);

describe("two texts line by line", () => {
  const sides = (left: string, right: string) =>
    diffLines(left, right).map(({ left, right, leftText, rightText }) =>
      [left, leftText, right, rightText].join("|"),
    );

  test("what was replaced stands beside what replaced it", () =>
    expect(sides("a\nb\nc\n", "a\nB\nx\nc")).toEqual(["1|a|1|a", "2|b|2|B", "0||3|x", "3|c|4|c"]));

  test("a text beside none is all new", () => expect(sides("", "a\n")).toEqual(["0||1|a"]));

  test("equal lines far from any difference are folded", () => {
    const text = Array.from({ length: 20 }, (_, i) => `${i}`);
    const lines = folded(diffLines(text.join("\n"), [...text, "new"].join("\n")));
    expect(lines.map((line) => ("lines" in line ? line.lines.length : line.rightText))).toEqual([
      17,
      "17",
      "18",
      "19",
      "new",
    ]);
  });
});

test("packages and machines are read from what a run recorded", () => {
  const text = [
    "# CPython 3.12.1 at /usr/bin/python3",
    "# Linux-6.1-x86_64, 8 processors",
    "numpy==2.1.0",
    "# editable mine==0.1 at file:///home/ada/mine",
    "other @ git+https://example.org/other@abc",
    "",
  ].join("\n");
  const [machine, packages] = environmentSections([text, ""]);
  const told = (section: typeof machine) =>
    section?.rows.map(({ key, cells }) => [key, cells[0]?.text]);
  expect(told(machine)).toEqual(
    [
      ["Interpreter", "/usr/bin/python3"],
      ["Processors", "8"],
      ["Python", "CPython 3.12.1"],
      ["System", "Linux-6.1-x86_64"],
    ].sort(),
  );
  expect(told(packages)).toEqual([
    ["mine", "0.1 at file:///home/ada/mine"],
    ["numpy", "2.1.0"],
    ["other", "git+https://example.org/other@abc"],
  ]);
});

test("pictures stand in rows by path, series by key and step", () => {
  const rows = imageRows([
    [
      "fit.png",
      "images/val~face+step+2+timestamp+1+u.png",
      "images/val~face+step+10+timestamp+1+v.png",
    ],
    [
      "images/val~face%step%2%timestamp%1%w.png",
      "images/val~face+step+2+timestamp+1+u+compressed.webp",
      "a.txt",
    ],
  ]);
  expect(rows.map(({ key }) => key)).toEqual(["fit.png", "val/face"]);
  expect(stepsOf(rows)).toEqual([2, 10]);
  const [, series] = rows;
  expect(pictureAt(series?.pictures[0] ?? [], 9)?.step).toBe(2);
  expect(pictureAt(series?.pictures[0] ?? [], 1)).toBeUndefined();
  expect(series?.pictures[1]?.map(({ step }) => step)).toEqual([2]);
});
