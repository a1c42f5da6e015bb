import { real } from "@/lib/format";

interface Props {
  steps: readonly number[];
  values: readonly (number | "NaN" | "Infinity" | "-Infinity")[];
  width: number;
  height: number;
}

const EDGE = 2;

/** The shape of a series. */
export function Sparkline({ steps, values, width, height }: Props) {
  const points = values
    .map((value, i) => [steps[i] ?? 0, real(value)] as const)
    .filter(([, y]) => Number.isFinite(y));
  if (points.length < 2) return null;
  const [left, right] = ends(points.map(([x]) => x));
  const [low, high] = ends(points.map(([, y]) => y));
  const at = (value: number, from: number, to: number, size: number) =>
    EDGE + (to > from ? (value - from) / (to - from) : 0.5) * (size - 2 * EDGE);
  const path = points
    .map(
      ([x, y]) =>
        `${at(x, left, right, width).toFixed(1)},${at(-y, -high, -low, height).toFixed(1)}`,
    )
    .join("L");
  return (
    <svg width={width} height={height} aria-hidden="true">
      <path d={`M${path}`} fill="none" stroke="var(--faint)" strokeWidth="1.3" />
    </svg>
  );
}

const ends = (values: readonly number[]): readonly [number, number] => [
  values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
  values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
];
