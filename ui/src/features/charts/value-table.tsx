import table from "@/components/chart/chart-table.module.css";
import { colourVariable } from "@/lib/colours";
import { told } from "./axes";
import { label } from "./chart-spec";
import { named, type RunValues } from "./run-values";

const MOST_ROWS = 200;

interface Props {
  title: string;
  values: RunValues;
  colours: ReadonlyMap<string, number>;
  height: number;
}

/** What a chart of runs shows, in numbers. */
export function ValueTable({ title, values, colours, height }: Props) {
  const { ids, names, columns } = values;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section className={table.scroller} style={{ height }} tabIndex={0} aria-label={title}>
      <table>
        <thead>
          <tr>
            <th scope="col">Run</th>
            {columns.map(({ field }) => (
              <th key={field} scope="col">
                {label(field)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ids.slice(0, MOST_ROWS).map((id, i) => {
            const place = colours.get(id);
            return (
              <tr key={id}>
                <th scope="row">
                  {place !== undefined && <i style={{ background: colourVariable(place) }} />}
                  {names[i]}
                </th>
                {columns.map(({ field, numeric, numbers, texts }) => (
                  <td key={field}>
                    {texts[i] === undefined
                      ? ""
                      : told(field, numeric ? (numbers[i] ?? 0) : named(texts[i]))}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
      {ids.length > MOST_ROWS && (
        <p className="dim">The first {MOST_ROWS} are here; Save as CSV has all.</p>
      )}
    </section>
  );
}

/** The same as rows of a file. */
export const valueRows = ({ ids, names, columns }: RunValues): (string | number)[][] => [
  ["run_id", "run", ...columns.map(({ field }) => field)],
  ...ids.map((id, i) => [id, names[i] ?? "", ...columns.map(({ texts }) => texts[i] ?? "")]),
];
