import styles from "@/components/chart/chart-table.module.css";
import { colourVariable } from "@/lib/colours";
import { count, short } from "@/lib/format";
import type { Axis } from "./axis";
import type { Curve, Window } from "./points";
import { placeText } from "./tip";

interface Props {
  metric: string;
  curves: readonly Curve[];
  axis: Axis;
  window: Window | undefined;
  height: number;
}

/** What a chart shows, in numbers: for whoever cannot or would rather not read lines. */
export function CurveTable({ metric, curves, axis, window, height }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section className={styles.scroller} style={{ height }} tabIndex={0} aria-label={metric}>
      <table>
        <thead>
          <tr>
            <th scope="col">{curves.some(({ spread }) => spread) ? "Group" : "Run"}</th>
            <th scope="col">First</th>
            <th scope="col">Last</th>
            <th scope="col">Least</th>
            <th scope="col">Most</th>
            <th scope="col">Points</th>
          </tr>
        </thead>
        <tbody>
          {curves.map((curve) => (
            <Row key={curve.id} curve={curve} axis={axis} window={window} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ curve, axis, window }: { curve: Curve; axis: Axis; window: Window | undefined }) {
  const points = curve.points.filter(
    ([x, y]) => Number.isFinite(y) && (!window || (x >= window.from && x <= window.to)),
  );
  const least = points.reduce((a, b) => (b[1] < a[1] ? b : a), points[0] ?? [0, Number.NaN, 0]);
  const most = points.reduce((a, b) => (b[1] > a[1] ? b : a), points[0] ?? [0, Number.NaN, 0]);
  return (
    <tr>
      <th scope="row">
        <i style={{ background: colourVariable(curve.place) }} />
        {curve.name}
      </th>
      {[points[0], points.at(-1), least, most].map((point, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the columns do not move
        <td key={i} title={point && placeText(axis, point[0])}>
          {point ? short(point[1]) : ""}
        </td>
      ))}
      <td>{count(points.length)}</td>
    </tr>
  );
}
