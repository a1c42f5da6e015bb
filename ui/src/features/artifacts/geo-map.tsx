import styles from "./artifacts.module.css";
import type { Drawing } from "./geojson";

const EDGE = 0.03;
const DOT = 0.006;

/** Geometries without a map below them: no other server is asked for one. */
export function GeoMap({ drawing }: { drawing: Drawing }) {
  const [, , width, height] = drawing.box;
  const edge = Math.max(width, height) * EDGE;
  return (
    <svg
      className={styles.map}
      role="img"
      aria-label="Map"
      viewBox={`${-edge} ${-edge} ${width + 2 * edge} ${height + 2 * edge}`}
    >
      {drawing.paths.map(({ d, area }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: geometries have no other name
        <path key={i} d={d} data-area={area} fillRule="evenodd" />
      ))}
      {drawing.points.map(([x, y], i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: as the others
        <circle key={i} cx={x} cy={y} r={Math.max(width, height) * DOT} />
      ))}
    </svg>
  );
}
