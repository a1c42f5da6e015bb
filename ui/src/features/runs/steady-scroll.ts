import { type RefObject, useLayoutEffect, useRef } from "react";
import type { Listed } from "./run-pages";

const FOLLOWED = 200;

/**
 * Keeps what is looked at where it is when runs are added above it; who is at the top stays there and
 * sees them come. Another question starts at the top.
 */
export function useSteadyScroll(
  scroller: RefObject<HTMLElement | null>,
  listed: Listed | undefined,
  rowPx: number,
  headPx: number,
): void {
  const last = useRef<Listed>(undefined);
  useLayoutEffect(() => {
    const before = last.current;
    last.current = listed;
    const place = scroller.current;
    if (!before || !listed || !place || before === listed) return;
    if (
      before.question.runs !== listed.question.runs ||
      before.question.order_by !== listed.question.order_by
    ) {
      place.scrollTop = 0;
      return;
    }
    if (place.scrollTop < headPx) return;
    const top = Math.floor(place.scrollTop / rowPx);
    const run = before.rows.get(top)?.run_id;
    if (run === undefined || listed.rows.get(top)?.run_id === run) return;
    for (const [index, row] of listed.rows) {
      if (row.run_id === run) {
        // A run that went far was ordered anew; it is not followed.
        if (Math.abs(index - top) <= FOLLOWED) place.scrollTop += (index - top) * rowPx;
        return;
      }
    }
  }, [listed, scroller, rowPx, headPx]);
}
