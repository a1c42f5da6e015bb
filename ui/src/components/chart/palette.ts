import { COLOURS, colourValue } from "@/lib/colours";

/** What a canvas needs to know of the colours and the typeface. */
export interface Palette {
  readonly series: readonly string[];
  readonly line: string;
  readonly faint: string;
  readonly ink: string;
  readonly panel: string;
  readonly rest: string;
  readonly font: string;
}

/** The palette of the scheme in use. */
export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  return {
    series: Array.from({ length: COLOURS }, (_, place) => colourValue(place)),
    line: value("--line"),
    faint: value("--faint"),
    ink: value("--ink"),
    panel: value("--panel"),
    rest: value("--rest"),
    font: value("--font"),
  };
}
