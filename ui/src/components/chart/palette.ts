import { COLOURS, colourValue } from "@/lib/colours";

/** What a canvas needs to know of the colours and the typeface. */
export interface Palette {
  readonly series: readonly string[];
  readonly line: string;
  readonly faint: string;
  readonly ink: string;
  readonly panel: string;
  readonly rest: string;
  readonly accent: string;
  /** From little to much. */
  readonly scale: readonly string[];
  readonly font: string;
}

export const SCALE = ["--s1", "--s2", "--s3", "--s4"];

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
    accent: value("--accent"),
    scale: SCALE.map(value),
    font: value("--font"),
  };
}
