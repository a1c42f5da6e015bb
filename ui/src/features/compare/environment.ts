import type { Cell, CompareSection } from "./rows";
import { rowsOf } from "./rows";

export const REQUIREMENTS = "environment/requirements.txt";
const PINNED = /^(?:# editable )?([A-Za-z0-9][\w.-]*)(?:==| @ )(.+)$/;
const MACHINE: readonly (readonly [string, RegExp])[] = [
  ["Python", /^# (\S+ \d\S*) at /],
  ["Interpreter", /^# \S+ \d\S* at (.+)$/],
  ["System", /^# (.+), \d+ processors$/],
  ["Processors", /^# .+, (\d+) processors$/],
  ["Graphics driver", /^# (NVIDIA driver .+)$/],
];

/** What the runs ran on and with, from the requirements that each recorded; `""` where one has none. */
export function environmentSections(texts: readonly string[]): CompareSection[] {
  const lines = texts.map((text) => text.split("\n").filter(Boolean));
  return [
    { title: "Machine", rows: rowsOf(lines.map(machine)) },
    { title: "Packages", rows: rowsOf(lines.map(packages)) },
  ];
}

const packages = (lines: readonly string[]): [string, Cell][] =>
  lines.flatMap((line): [string, Cell][] => {
    const [, name, version] = PINNED.exec(line) ?? [];
    return name && version ? [[name, { text: version }]] : [];
  });

const machine = (lines: readonly string[]): [string, Cell][] =>
  MACHINE.flatMap(([name, pattern]): [string, Cell][] => {
    const text = lines.map((line) => pattern.exec(line)?.[1]).find(Boolean);
    return text ? [[name, { text }]] : [];
  });
