import { type ExperimentLine, type ExperimentSort, lastActivity, SORTS } from "./experiment-line";

/** A line of the list: an experiment, or what several have before a slash of their names. */
export type ListLine = FolderLine | LeafLine;

interface Common {
  /** What is left of the name within the folders above. */
  readonly label: string;
  readonly depth: number;
  readonly runs: number;
  readonly running: number;
  readonly activity: number;
}

export interface LeafLine extends Common {
  readonly line: ExperimentLine;
}

export interface FolderLine extends Common {
  readonly path: string;
  readonly open: boolean;
  /** The experiments in it, at any depth. */
  readonly ids: readonly string[];
}

interface Node {
  path: string;
  leaves: [string, ExperimentLine][];
  folders: Map<string, Node>;
}

export const isFolder = (line: ListLine): line is FolderLine => "path" in line;

/**
 * Experiments in the folders of their names, each level in the order `by` (`-runs`: most runs first). What
 * would hold one thing alone is no folder: its name is part of that thing's.
 */
export function listed(
  lines: readonly ExperimentLine[],
  by: string,
  folded: ReadonlySet<string>,
): ListLine[] {
  const root: Node = { path: "", leaves: [], folders: new Map() };
  for (const line of lines) put(root, line);
  return level(root, "", 0, compare(by), folded);
}

function put(root: Node, line: ExperimentLine): void {
  const parts = line.experiment.name.split("/");
  const label = parts.pop() ?? "";
  let node = root;
  for (const part of parts) {
    const path = `${node.path}${part}/`;
    const next: Node = node.folders.get(part) ?? { path, leaves: [], folders: new Map() };
    node.folders.set(part, next);
    node = next;
  }
  node.leaves.push([label, line]);
}

type Compare = (a: ListLine, b: ListLine) => number;

function level(
  node: Node,
  prefix: string,
  depth: number,
  order: Compare,
  folded: ReadonlySet<string>,
): ListLine[] {
  const lines: ListLine[] = node.leaves.map(([label, line]) => leaf(prefix + label, depth, line));
  const below = new Map<ListLine, ListLine[]>();
  for (const [part, folder] of node.folders) {
    const label = `${prefix}${part}/`;
    if (folder.leaves.length + folder.folders.size === 1) {
      const [first, ...rest] = level(folder, label, depth, order, folded);
      if (!first) continue;
      lines.push(first);
      below.set(first, rest);
    } else {
      const inside = level(folder, "", depth + 1, order, folded);
      const line = folderLine(label, folder.path, depth, inside, folded);
      lines.push(line);
      below.set(line, line.open ? inside : []);
    }
  }
  return lines.sort(order).flatMap((line) => [line, ...(below.get(line) ?? [])]);
}

const leaf = (label: string, depth: number, line: ExperimentLine): LeafLine => ({
  ...{ label, depth, line },
  runs: line.summary?.active_runs ?? 0,
  running: line.summary?.running_runs ?? 0,
  activity: lastActivity(line),
});

function folderLine(
  label: string,
  path: string,
  depth: number,
  inside: readonly ListLine[],
  folded: ReadonlySet<string>,
): FolderLine {
  const direct = inside.filter((line) => line.depth === depth + 1);
  const sum = (of: "runs" | "running") => direct.reduce((total, line) => total + line[of], 0);
  return {
    ...{ label, path, depth },
    open: !folded.has(path),
    ids: direct.flatMap((line) => (isFolder(line) ? line.ids : line.line.experiment.experiment_id)),
    runs: sum("runs"),
    running: sum("running"),
    activity: direct.reduce((latest, line) => Math.max(latest, line.activity), 0),
  };
}

const VALUE: Record<ExperimentSort, (line: ListLine) => string | number> = {
  name: ({ label }) => label.toLowerCase(),
  runs: ({ runs }) => runs,
  running: ({ running }) => running,
  activity: ({ activity }) => activity,
  created: (line) => (isFolder(line) ? 0 : (line.line.experiment.creation_time ?? 0)),
};

function compare(by: string): Compare {
  const descending = by.startsWith("-");
  const name = SORTS.find((one) => one === by.replace(/^-/, "")) ?? "activity";
  const value = VALUE[name];
  const sign = descending ? -1 : 1;
  return (a, b) => {
    const [x, y] = [value(a), value(b)];
    return x === y ? 0 : sign * (x < y ? -1 : 1);
  };
}
