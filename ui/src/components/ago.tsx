import { useNow } from "@/lib/clock";
import { ago, exactTime } from "@/lib/format";

/** How long ago; the exact time on hover. */
export function Ago({ time }: { time: number }) {
  return (
    <time dateTime={new Date(time).toISOString()} title={exactTime(time)}>
      {ago(time, Math.max(useNow(), time))}
    </time>
  );
}
