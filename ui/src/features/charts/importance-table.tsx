import { useMemo } from "react";
import table from "@/components/chart/chart-table.module.css";
import { count } from "@/lib/format";
import { label } from "./chart-spec";
import styles from "./charts.module.css";
import { importances } from "./importance";
import type { RunValues } from "./run-values";

const DIGITS = 2;

interface Props {
  title: string;
  values: RunValues;
  height: number;
}

/** How much each param goes with a metric, in numbers and bars. */
export function ImportanceTable({ title, values, height }: Props) {
  const found = useMemo(() => importances(values), [values]);
  const metric = label(values.columns[0]?.field ?? "");
  if (found.length === 0) {
    return (
      <p className={styles.note}>
        Nothing can be said: it takes 5 runs with {metric} and a parameter that varies.
      </p>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section className={table.scroller} style={{ height }} tabIndex={0} aria-label={title}>
      <table>
        <thead>
          <tr>
            <th scope="col">Parameter</th>
            <th scope="col" style={{ textAlign: "left" }}>
              Importance
            </th>
            <th scope="col">Share</th>
            <th scope="col">Correlation</th>
            <th scope="col">Runs</th>
          </tr>
        </thead>
        <tbody>
          {found.map(({ field, share, correlation, runs }) => (
            <tr key={field}>
              <th scope="row" title={field}>
                {label(field)}
              </th>
              <td className={styles.bar}>
                <i style={{ width: `${100 * share}%` }} />
              </td>
              <td title={correlation === undefined ? "Epsilon squared" : "Spearman's ρ, squared"}>
                {share.toFixed(DIGITS)}
              </td>
              <td title="Spearman's ρ">
                {correlation === undefined ? "text" : signed(correlation)}
              </td>
              <td>{count(runs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles.note}>
        The share of the variance of {metric} (by rank) that goes with each parameter by itself:
        Spearman’s ρ squared for numbers, epsilon squared of Kruskal and Wallis for texts. It shows
        what goes together, not what causes what, and sees no interactions.
      </p>
    </section>
  );
}

const signed = (value: number): string =>
  `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(DIGITS)}`;
