import { useEffect } from "react";

/** Keys that work anywhere on a page, unless one is typing. */
const GOALS: Record<string, string> = {
  "/": "[data-slash]",
  e: "[data-columns]",
  j: "[data-grid]",
};

/** `/` leads to the search, `e` opens the columns, `j` goes into the table. */
export function useShortcuts(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const goal = GOALS[event.key];
      if (!goal || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const found = document.querySelector<HTMLElement>(goal);
      if (!found || found === document.activeElement) return;
      event.preventDefault();
      if (event.key === "e") found.click();
      else found.focus();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
