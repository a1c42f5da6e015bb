import { useNow } from "@/lib/clock";
import { duration } from "@/lib/format";

/** How long a run took, or has been going on. */
export function Took({ start, end }: { start: number; end?: number | null }) {
  const now = useNow();
  return end ? <>took {duration(end - start)}</> : <>{duration(Math.max(0, now - start))} so far</>;
}
