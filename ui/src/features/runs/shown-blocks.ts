import { useEffect } from "react";
import { BLOCK } from "./tabulate-runs";
import { lineAt, type Unfolded } from "./unfold";

const PAUSE_MS = 60;

/** Tells which blocks of rows are on the screen, once the scrolling has paused for a moment. */
export function useShownBlocks(
  first: number,
  last: number,
  unfolded: readonly Unfolded[],
  tell: (first: number, last: number) => void,
): void {
  const from = Math.floor(listedAt(unfolded, first) / BLOCK);
  const to = Math.floor(listedAt(unfolded, last) / BLOCK);
  useEffect(() => {
    const timer = setTimeout(() => tell(from, to), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [from, to, tell]);
}

/** The listed run at a position, or the one that what stands there is unfolded from. */
function listedAt(unfolded: readonly Unfolded[], position: number): number {
  for (let at = position; at > 0; at--) {
    const line = lineAt(unfolded, at);
    if (typeof line === "number") return line;
  }
  return 0;
}
