import { expect, test } from "vitest";
import { type ExperimentLine, sorted } from "./sort-experiments";

const line = (name: string, runs: number, last?: number): ExperimentLine => ({
  experiment: {
    experiment_id: name,
    name,
    artifact_location: "",
    lifecycle_stage: "active",
    creation_time: 5,
  },
  summary: { experiment_id: name, active_runs: runs, last_activity: last },
});

test("experiments are ordered by any column, both ways", () => {
  const lines = [line("b", 1, 10), line("A", 3), line("c", 2, 7)];
  const names = (by: string) => sorted(lines, by).map(({ experiment }) => experiment.name);
  expect(names("name")).toEqual(["A", "b", "c"]);
  expect(names("-runs")).toEqual(["A", "c", "b"]);
  expect(names("-activity")).toEqual(["b", "c", "A"]);
  expect(names("-nonsense")).toEqual(["b", "c", "A"]);
});
