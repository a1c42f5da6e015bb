import { useSyncExternalStore } from "react";

const PLACE = "headrace.reviewer";
const listeners = new Set<() => void>();

function listen(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

/** Who decides at this browser. A server without accounts believes it. */
export const useReviewer = (): string =>
  useSyncExternalStore(listen, () => localStorage.getItem(PLACE) ?? "");

export function setReviewer(name: string): void {
  localStorage.setItem(PLACE, name.trim());
  for (const tell of listeners) tell();
}
