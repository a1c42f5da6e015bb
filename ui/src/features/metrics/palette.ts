import { COLOURS, colourValue } from "@/lib/colours";
import type { Palette } from "./chart-option";

/** The palette of the scheme in use, as a canvas needs it. */
export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  return {
    series: Array.from({ length: COLOURS }, (_, place) => colourValue(place)),
    line: value("--line"),
    faint: value("--faint"),
    font: value("--font"),
  };
}
