import { useSyncExternalStore } from "react";

/** Whether the server answers, and since when it does not. */
export interface Pulse {
  readonly alive: boolean;
  readonly since: number;
}

let pulse: Pulse = { alive: true, since: Date.now() };
const listeners = new Set<() => void>();

export function heard(alive: boolean): void {
  if (alive === pulse.alive) return;
  pulse = { alive, since: Date.now() };
  for (const tell of listeners) tell();
}

function listen(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

export const usePulse = (): Pulse => useSyncExternalStore(listen, () => pulse);
