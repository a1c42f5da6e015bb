import { type RefObject, useEffect, useState } from "react";

const AHEAD_PX = 400;

/** Whether an element is on the screen, or nearly. */
export function useSeen(place: RefObject<HTMLElement | null>): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (!place.current) return;
    const watch = new IntersectionObserver(
      (entries) => setSeen(entries.at(-1)?.isIntersecting ?? false),
      { rootMargin: `${AHEAD_PX}px` },
    );
    watch.observe(place.current);
    return () => watch.disconnect();
  }, [place]);
  return seen;
}
