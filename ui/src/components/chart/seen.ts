import { type RefObject, useEffect, useState } from "react";

const AHEAD_PX = 400;
const PASSING_MS = 80;

/** Whether an element is on the screen, or nearly; what only flies past in a long scroll is not. */
export function useSeen(place: RefObject<HTMLElement | null>): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (!place.current) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const watch = new IntersectionObserver(
      (entries) => {
        clearTimeout(timer);
        const here = entries.at(-1)?.isIntersecting ?? false;
        if (here) timer = setTimeout(() => setSeen(true), PASSING_MS);
        else setSeen(false);
      },
      { rootMargin: `${AHEAD_PX}px` },
    );
    watch.observe(place.current);
    return () => {
      clearTimeout(timer);
      watch.disconnect();
    };
  }, [place]);
  return seen;
}
