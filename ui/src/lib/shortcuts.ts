import { useEffect, useRef } from "react";

/** What keys do, as the help tells it: one list for the help and, where a key has a goal, for the keyboard. */
export interface Shortcut {
  readonly keys: readonly string[];
  readonly does: string;
  /** The element that a key leads to, or presses. */
  readonly goal?: string;
  readonly press?: boolean;
}

export const SHORTCUTS: Readonly<Record<string, readonly Shortcut[]>> = {
  "On every page": [
    { keys: ["Ctrl K", "⌘ K"], does: "Search, go to a page, do something" },
    { keys: ["/"], does: "Search or filter what the page shows", goal: "[data-slash]" },
    { keys: ["g e"], does: "Go to the experiments" },
    { keys: ["g m"], does: "Go to the models" },
    { keys: ["?"], does: "Show these keys" },
    { keys: ["Esc"], does: "Close a dialog, clear a search" },
  ],
  "In the list of experiments": [
    { keys: ["n"], does: "New experiment", goal: "[data-new]", press: true },
  ],
  "In the table of runs": [
    { keys: ["j"], does: "Go into the table", goal: "[data-grid]" },
    { keys: ["j", "k"], does: "Next run, previous run" },
    { keys: ["x"], does: "Select the run" },
    { keys: ["Enter"], does: "Open the run" },
    { keys: ["→", "←"], does: "Unfold or fold its child runs" },
    { keys: ["c"], does: "Compare the selected runs", goal: "[data-compare]", press: true },
    { keys: ["e"], does: "Choose columns", goal: "[data-columns]", press: true },
  ],
};

const GOALS = new Map(
  Object.values(SHORTCUTS)
    .flat()
    .flatMap((each) => (each.goal ? [[each.keys[0], { ...each, goal: each.goal }] as const] : [])),
);
const SEQUENCE_MS = 1_200;

interface Actions {
  readonly palette: () => void;
  readonly help: () => void;
  readonly experiments: () => void;
  readonly models: () => void;
}

/** The keys that work anywhere, unless one is typing or a dialog is open. */
export function useShortcuts(actions: Actions): void {
  const act = useRef(actions);
  act.current = actions;
  useEffect(() => {
    let afterG = Number.NEGATIVE_INFINITY;
    const onKeyDown = (event: KeyboardEvent) => {
      const modified = event.ctrlKey || event.metaKey;
      if (modified && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        act.current.palette();
        return;
      }
      if (modified || event.altKey || isTyping(event.target)) return;
      if (document.querySelector("dialog[open]")) return;
      const inSequence = event.timeStamp - afterG < SEQUENCE_MS;
      afterG = event.key === "g" ? event.timeStamp : Number.NEGATIVE_INFINITY;
      if (inSequence && event.key === "e") act.current.experiments();
      else if (inSequence && event.key === "m") act.current.models();
      else if (event.key === "?") act.current.help();
      else if (!pursue(event.key)) return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}

function pursue(key: string): boolean {
  const shortcut = GOALS.get(key);
  const found = shortcut && document.querySelector<HTMLElement>(shortcut.goal);
  if (!found || found === document.activeElement) return false;
  if (shortcut.press) found.click();
  else found.focus();
  return true;
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
