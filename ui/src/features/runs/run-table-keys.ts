import { type KeyboardEvent, type MouseEvent, useState } from "react";
import type { RunRow } from "@/lib/api-types";

export interface RunActions {
  readonly onToggle: (runId: string) => void;
  readonly onFold: (runId: string) => void;
  readonly onOpenRun: (runId: string, experimentId: string) => void;
}

interface Options extends RunActions {
  readonly count: number;
  readonly lineAt: (position: number) => { row: RunRow | undefined };
  readonly scrollTo: (position: number) => void;
}

const STEPS: Record<string, number> = {
  j: 1,
  ArrowDown: 1,
  k: -1,
  ArrowUp: -1,
  PageDown: 20,
  PageUp: -20,
};

/** What keys and clicks do to the rows: one place for all of them, whatever scrolls by. */
export function useRunKeys(options: Options) {
  const [active, setActive] = useState(-1);
  const act = (action: string | undefined, run: RunRow): boolean => {
    if (action === "select") options.onToggle(run.run_id);
    else if (action === "fold" && run.children) options.onFold(run.run_id);
    else if (action === "open") options.onOpenRun(run.run_id, run.experiment_id);
    else return false;
    return true;
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey)
      return;
    const to = stepped(event.key, active, options.count);
    if (to !== undefined) {
      setActive(to);
      options.scrollTo(to);
    } else {
      const { row } = options.lineAt(active);
      if (!row || !act(ACTIONS[event.key], row)) return;
    }
    event.preventDefault();
  };
  const onClick = (event: MouseEvent<HTMLElement>) => {
    const target = event.target as HTMLElement;
    const line = target.closest<HTMLElement>("[data-run]");
    if (!line) return;
    const position = Number(line.id.replace(/^.*-/, ""));
    const { row } = options.lineAt(position);
    if (!row) return;
    setActive(position);
    const link =
      target.closest("a") !== null && !(event.ctrlKey || event.metaKey || event.shiftKey);
    const action = target.closest<HTMLElement>("[data-act]")?.dataset.act;
    if (act(link ? "open" : action, row) && link) event.preventDefault();
  };
  return { active, onKeyDown, onClick };
}

const ACTIONS: Record<string, string> = {
  x: "select",
  " ": "select",
  Enter: "open",
  ArrowRight: "fold",
  ArrowLeft: "fold",
};

function stepped(key: string, active: number, count: number): number | undefined {
  if (count === 0) return undefined;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  const step = STEPS[key];
  return step === undefined ? undefined : Math.min(count - 1, Math.max(0, active + step));
}
