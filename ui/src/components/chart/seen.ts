import { type RefObject, useEffect, useState } from "react";

const AHEAD_PX = 400;
const PASSING_MS = 120;

/** Whether an element is on the screen, or nearly; what only flies past in a long scroll is not. */
export function useSeen(place: RefObject<HTMLElement | null>): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (!place.current) return;
    const show = () => setSeen(true);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const watch = new IntersectionObserver(
      (entries) => {
        clearTimeout(timer);
        waiting.delete(show);
        const here = entries.at(-1)?.isIntersecting ?? false;
        if (here) timer = setTimeout(() => queue(show), PASSING_MS);
        else setSeen(false);
      },
      { rootMargin: `${AHEAD_PX}px` },
    );
    watch.observe(place.current);
    return () => {
      clearTimeout(timer);
      waiting.delete(show);
      watch.disconnect();
    };
  }, [place]);
  return seen;
}

/** Charts that are to be drawn: one a frame, and none in a fast scroll, which therefore goes on evenly. */
const waiting = new Set<() => void>();

function queue(show: () => void): void {
  if (waiting.size === 0) requestAnimationFrame(next);
  waiting.add(show);
}

function next(): void {
  const [first] = waiting;
  if (!first) return;
  if (performance.now() > heldUntil) {
    waiting.delete(first);
    first();
  }
  if (waiting.size > 0) requestAnimationFrame(next);
}

const FAST_PX_PER_MS = 1.5;
const HELD_MS = 120;
let heldUntil = 0;
let last = { target: null as EventTarget | null, top: 0, time: 0 };

document.addEventListener(
  "scroll",
  ({ target }) => {
    if (!(target instanceof Element)) return;
    const [top, time] = [target.scrollTop, performance.now()];
    const speed = Math.abs(top - last.top) / Math.max(1, time - last.time);
    if (target === last.target && speed > FAST_PX_PER_MS) heldUntil = time + HELD_MS;
    last = { target, top, time };
  },
  { capture: true, passive: true },
);
