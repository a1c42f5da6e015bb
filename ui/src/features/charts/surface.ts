/** A smooth surface through scattered points, and the lines of equal height on it. */

export interface Spot {
  /** Both in 0 to 1. */
  readonly x: number;
  readonly y: number;
  readonly value: number;
}

/** Heights on a lattice of `size` by `size`, row by row from the bottom; NaN far from every point. */
export interface Surface {
  readonly size: number;
  readonly heights: readonly number[];
}

const LEAST_WIDTH = 0.06;
const WIDTH = 0.28;
const REACH = 2.5;

/**
 * A mean of the points, weighted by a Gaussian of their distance (Nadaraya and Watson), the narrower the
 * more points there are (Scott's rule for two dimensions).
 */
export function surfaceOf(spots: readonly Spot[], size: number): Surface {
  const width = Math.max(LEAST_WIDTH, WIDTH * spots.length ** (-1 / 6));
  const heights = Array.from({ length: size * size }, (_, at) => {
    const [x, y] = [(at % size) / (size - 1), Math.floor(at / size) / (size - 1)];
    let [sum, norm, nearest] = [0, 0, Number.POSITIVE_INFINITY];
    for (const spot of spots) {
      const distance = ((spot.x - x) ** 2 + (spot.y - y) ** 2) / width ** 2;
      const weight = Math.exp(-distance / 2);
      sum += weight * spot.value;
      norm += weight;
      nearest = Math.min(nearest, distance);
    }
    return nearest <= REACH ** 2 ? sum / norm : Number.NaN;
  });
  return { size, heights };
}

export type Segment = readonly [x1: number, y1: number, x2: number, y2: number];

/** Where the surface has a height: short lines, cell by cell (marching squares). */
export function contourAt({ size, heights }: Surface, level: number): Segment[] {
  const segments: Segment[] = [];
  const at = (i: number, j: number): number => heights[j * size + i] ?? Number.NaN;
  for (let j = 0; j < size - 1; j++) {
    for (let i = 0; i < size - 1; i++) {
      const corners = [
        [i, j, at(i, j)],
        [i + 1, j, at(i + 1, j)],
        [i + 1, j + 1, at(i + 1, j + 1)],
        [i, j + 1, at(i, j + 1)],
      ] as const;
      if (corners.some(([, , height]) => Number.isNaN(height))) continue;
      const crossings = corners.flatMap(([x1, y1, a], side) => {
        const [x2, y2, b] = corners[(side + 1) % 4] ?? corners[0];
        if (a < level === b < level) return [];
        const part = (level - a) / (b - a);
        return [
          [(x1 + (x2 - x1) * part) / (size - 1), (y1 + (y2 - y1) * part) / (size - 1)] as const,
        ];
      });
      // Two crossings are one line; four, at a saddle, are two.
      for (let k = 0; k + 1 < crossings.length; k += 2) {
        const [from, to] = [crossings[k], crossings[k + 1]];
        if (from && to) segments.push([from[0], from[1], to[0], to[1]]);
      }
    }
  }
  return segments;
}
