import type { Run } from "@/lib/api-types";
import type { Cell, CompareSection } from "./rows";

const COMMIT = "mlflow.source.git.commit";
const FACTS: readonly (readonly [string, readonly string[]])[] = [
  ["Commit", [COMMIT]],
  ["Branch", ["mlflow.source.git.branch", "mlflow.gitBranch"]],
  ["Repository", ["mlflow.source.git.repoURL", "mlflow.gitRepoURL"]],
  ["Uncommitted changes", ["mlflow.source.git.dirty"]],
  ["Source", ["mlflow.source.name"]],
  ["Command", ["mlflow.project.command", "headrace.source.command"]],
];

const tagOf = (run: Run, keys: readonly string[]): string | undefined =>
  run.data.tags?.find(({ key }) => keys.includes(key))?.value;

export const commitOf = (run: Run | undefined): string | undefined => run && tagOf(run, [COMMIT]);

/** Where the code of each run comes from. */
export const codeSections = (runs: readonly Run[]): CompareSection[] => {
  const rows = FACTS.map(([key, tags]) => ({
    key,
    cells: runs.map((run): Cell => ({ text: tagOf(run, tags) ?? "" })),
  }));
  return [{ title: "Code", rows: rows.filter(({ cells }) => cells.some(({ text }) => text)) }];
};

/** Whether a run's file is code that the client recorded. */
export const isCode = (path: string): boolean =>
  /^(source|notebook)\//.test(path) && !path.endsWith(".html");
