import { useSyncExternalStore } from "react";

export type Scheme = "light" | "dark";

const STORED = "headrace:theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

const scheme = (): Scheme => {
  const chosen = localStorage.getItem(STORED);
  if (chosen === "light" || chosen === "dark") return chosen;
  return system.matches ? "dark" : "light";
};

function listen(tell: () => void): () => void {
  listeners.add(tell);
  system.addEventListener("change", tell);
  return () => {
    listeners.delete(tell);
    system.removeEventListener("change", tell);
  };
}

/** Follows the system until the user chooses otherwise. */
export const useScheme = (): Scheme => useSyncExternalStore(listen, scheme);

/** Choosing what the system has goes back to following it. */
export function choose(wanted: Scheme | "system"): void {
  const followed = system.matches ? "dark" : "light";
  if (wanted === followed || wanted === "system") localStorage.removeItem(STORED);
  else localStorage.setItem(STORED, wanted);
  for (const tell of listeners) tell();
}
