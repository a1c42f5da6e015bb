/**
 * The selected runs, each at a place that gives it its colour. A place that is let go stays empty, so
 * that the others keep theirs, and is the first to be taken again.
 */
export type Selection = readonly string[];

const EMPTY = "";
const MOST_IN_ADDRESS = 60;

export const readSelection = (text: string | undefined): Selection => (text ? text.split(",") : []);

export const writeSelection = (selection: Selection): string | undefined =>
  selection.length > 0 && selection.length <= MOST_IN_ADDRESS ? selection.join(",") : undefined;

export const selectedIds = (selection: Selection): string[] =>
  selection.filter((id) => id !== EMPTY);

export function toggled(selection: Selection, id: string): Selection {
  const at = selection.indexOf(id);
  if (at >= 0) return trimmed(selection.map((one, i) => (i === at ? EMPTY : one)));
  const free = selection.indexOf(EMPTY);
  return free < 0 ? [...selection, id] : selection.map((one, i) => (i === free ? id : one));
}

export const selectedToo = (selection: Selection, ids: readonly string[]): Selection =>
  ids.reduce((all, id) => (all.includes(id) ? all : toggled(all, id)), selection);

function trimmed(selection: Selection): Selection {
  const last = selection.findLastIndex((id) => id !== EMPTY);
  return selection.slice(0, last + 1);
}
