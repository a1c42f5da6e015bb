import { useSyncExternalStore } from "react";

const TICK_MS = 5_000;

let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  now = Date.now();
  for (const tell of listeners) tell();
}

function listen(tell: () => void): () => void {
  timer ??= setInterval(tick, TICK_MS);
  listeners.add(tell);
  return () => {
    listeners.delete(tell);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time of day, renewed every few seconds: one timer for all that shows an age. */
export const useNow = (): number => useSyncExternalStore(listen, () => now);
