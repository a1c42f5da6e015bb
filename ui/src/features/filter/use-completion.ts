import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useMemo, useState } from "react";
import { type Choice, choicesFor, columnOfValues } from "./choices";
import { filled, gapAt, unquoted } from "./completing";
import { usedFilters } from "./filter-history";
import { listValues } from "./list-values";

interface Given {
  experimentIds: readonly string[];
  fields: readonly string[];
  text: string;
  cursor: number;
  onFill: (text: string, cursor: number) => void;
}

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
const NONE: readonly Choice[] = [];

/** What would fit where the cursor is: listed while one types, taken by arrows and Enter, Tab or a click. */
export function useCompletion({ experimentIds, fields, text, cursor, onFill }: Given) {
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const gap = useMemo(() => gapAt(text, cursor), [text, cursor]);
  const column = columnOfValues(gap);
  const values = useQuery({
    ...listValues(experimentIds, column ?? "", unquoted(gap.typed)),
    enabled: open && column !== undefined,
    placeholderData: keepPreviousData,
  });
  const found = (column && values.data) || [];
  const choices = useMemo(() => {
    if (!open) return NONE;
    const whole = text === "" ? usedFilters(experimentIds.join()) : [];
    const used = whole.map((filter) => ({ text: filter, hint: "used before", whole: true }));
    return [...used, ...choicesFor(gap, fields, found)];
  }, [open, text, gap, fields, found, experimentIds]);
  const close = () => {
    setOpen(false);
    setActive(-1);
  };
  const take = (choice: Choice) => {
    const next = choice.whole
      ? { text: choice.text, cursor: choice.text.length }
      : filled(text, gap, choice.text);
    setActive(-1);
    if (choice.whole) setOpen(false);
    onFill(next.text, next.cursor);
  };
  /** Whether the key was for the list. */
  const onKeyDown = (event: KeyboardEvent): boolean => {
    const step = STEPS[event.key];
    if (step && !open) setOpen(true);
    else if (step) setActive(moved(active, step, choices.length));
    else if (event.key === "Escape" && choices.length > 0) close();
    else {
      const first = event.key === "Tab" && gap.typed !== "" ? 0 : -1;
      const choice = choices[active >= 0 ? active : first];
      if (!choice || (event.key !== "Enter" && event.key !== "Tab")) return false;
      take(choice);
    }
    event.preventDefault();
    return true;
  };
  const show = () => {
    setOpen(true);
    setActive(-1);
  };
  return { choices, active, setActive, show, close, take, onKeyDown };
}

/** One further, round the ends; -1 is the text itself. */
const moved = (at: number, step: number, count: number): number =>
  ((at + 1 + step + count + 1) % (count + 1)) - 1;
