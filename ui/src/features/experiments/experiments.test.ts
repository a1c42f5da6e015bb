import { expect, test } from "vitest";
import type { ExperimentLine } from "./experiment-line";
import { isFolder, listed } from "./folders";
import { filterOf } from "./search-experiments";

const line = (name: string, runs = 0, last?: number): ExperimentLine => ({
  experiment: {
    experiment_id: name,
    name,
    artifact_location: "",
    lifecycle_stage: "active",
    creation_time: 5,
  },
  summary: { experiment_id: name, active_runs: runs, last_activity: last },
});

const told = (lines: ExperimentLine[], by = "name", folded: string[] = []) =>
  listed(lines, by, new Set(folded)).map(
    (one) => `${" ".repeat(one.depth)}${one.label}${isFolder(one) ? ` ${one.ids.length}` : ""}`,
  );

test("experiments are ordered by any column, both ways", () => {
  const lines = [line("b", 1, 10), line("A", 3), line("c", 2, 7)];
  expect(told(lines, "name")).toEqual(["A", "b", "c"]);
  expect(told(lines, "-runs")).toEqual(["A", "c", "b"]);
  expect(told(lines, "-activity")).toEqual(["b", "c", "A"]);
  expect(told(lines, "-nonsense")).toEqual(["b", "c", "A"]);
});

const NESTED = ["nlp/translate", "vision/digits/a", "vision/digits/b", "vision/faces", "vision"];

test("what several have before a slash is a folder, what one has alone is its name", () => {
  const lines = NESTED.map((name) => line(name));
  expect(told(lines)).toEqual([
    "nlp/translate",
    "vision",
    "vision/ 3",
    " digits/ 2",
    "  a",
    "  b",
    " faces",
  ]);
  expect(told(lines, "name", ["vision/digits/"])).toEqual([
    "nlp/translate",
    "vision",
    "vision/ 3",
    " digits/ 2",
    " faces",
  ]);
  expect(told([line("/Users/ada/a"), line("/Users/ada/b")])).toEqual(["/Users/ada/ 2", " a", " b"]);
});

test("a folder has the sums and the latest of what is in it, and stands where they put it", () => {
  const lines = [line("x/a", 2, 10), line("x/b/c", 3, 50), line("x/b/d", 4, 20), line("y", 5, 30)];
  const [first, ...rest] = listed(lines, "-activity", new Set(["x/"]));
  expect(first).toMatchObject({
    path: "x/",
    runs: 9,
    activity: 50,
    ids: ["x/b/c", "x/b/d", "x/a"],
  });
  expect(rest.map(({ label }) => label)).toEqual(["y"]);
});

test.each([
  ["", undefined],
  [" digits ", "name ILIKE '%digits%'"],
  ["it's", "name ILIKE '%it''s%'"],
  ["tree in the wood", "name ILIKE '%tree in the wood%'"],
  ["tags.team = 'nlp'", "tags.team = 'nlp'"],
  ["name LIKE 'nlp/%'", "name LIKE 'nlp/%'"],
  ["tags.team IS NULL", "tags.team IS NULL"],
])("%j is asked as %j", (text, filter) => expect(filterOf(text)).toBe(filter));
