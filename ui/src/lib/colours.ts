/** A run's colour: by its place in the selection, so that it is the same everywhere. */

export const COLOURS = 6;
const DASHES: readonly (readonly number[])[] = [
  [],
  [6, 3],
  [2, 2],
  [8, 3, 2, 3],
  [12, 4],
  [3, 2, 1, 2],
];

export const colourVariable = (place: number): string => `var(--c${(place % COLOURS) + 1})`;

/** The colour as a canvas needs it. */
export const colourValue = (place: number): string =>
  getComputedStyle(document.documentElement)
    .getPropertyValue(`--c${(place % COLOURS) + 1}`)
    .trim();

/** Beyond the colours there are, a dash before a new hue. */
export const dash = (place: number): readonly number[] =>
  DASHES[Math.floor(place / COLOURS) % DASHES.length] ?? [];
