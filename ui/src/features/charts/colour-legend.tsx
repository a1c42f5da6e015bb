import { SCALE } from "@/components/chart/palette";
import { colourVariable } from "@/lib/colours";
import { told } from "./axes";
import { label } from "./chart-spec";
import styles from "./charts.module.css";
import type { Legend } from "./colouring";

const MOST_NAMES = 12;
const GRADIENT = `linear-gradient(to right, ${SCALE.map((name) => `var(${name})`).join(", ")})`;

/** What the colours of a chart say. */
export function ColourLegend({ legend }: { legend: Legend }) {
  const { field } = legend;
  if (legend.kind === "scale") {
    return (
      <p className={styles.legend}>
        {label(field)} {told(field, legend.low)}
        <i className={styles.gradient} style={{ background: GRADIENT }} />
        {told(field, legend.high)}
      </p>
    );
  }
  return (
    <p className={styles.legend}>
      {label(field)}
      {legend.names.slice(0, MOST_NAMES).map((name, place) => (
        <span key={name}>
          <i className={styles.dot} style={{ background: colourVariable(place) }} />
          {name}
        </span>
      ))}
      {legend.names.length > MOST_NAMES && <span>and {legend.names.length - MOST_NAMES} more</span>}
    </p>
  );
}
