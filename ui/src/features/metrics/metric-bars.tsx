import { colourVariable } from "@/lib/colours";
import { aligned, decimals } from "@/lib/format";
import styles from "./metric-bars.module.css";
import type { Curve } from "./points";

/** A metric that has one value a run: bars say more than dots above one step. */
export function MetricBars({ curves, height }: { curves: readonly Curve[]; height: number }) {
  const values = curves.map(({ points }) => points[0]?.[1] ?? Number.NaN);
  const finite = values.filter(Number.isFinite);
  const low = Math.min(0, ...finite);
  const high = Math.max(0, ...finite);
  const places = finite.every(Number.isInteger)
    ? 0
    : decimals(Math.min(...finite), Math.max(...finite));
  const percent = (value: number) => (high > low ? (100 * (value - low)) / (high - low) : 0);
  return (
    <ul className={styles.bars} style={{ maxHeight: height }}>
      {curves.map(({ id, name, place }, i) => {
        const value = values[i] ?? Number.NaN;
        const start = percent(Math.min(0, value));
        return (
          <li key={id}>
            <span title={name}>{name}</span>
            <span className={styles.track}>
              <i
                style={{
                  left: `${start}%`,
                  width: `${percent(Math.max(0, value)) - start}%`,
                  background: colourVariable(place),
                }}
              />
            </span>
            <b>{aligned(value, places)}</b>
          </li>
        );
      })}
    </ul>
  );
}

/** Whether no run has more than one point. */
export const isSingle = (curves: readonly Curve[]): boolean =>
  curves.length > 0 && curves.every(({ points }) => points.length <= 1);
