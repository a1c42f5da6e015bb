import { type ImageRow, pictureAt } from "@/features/artifacts/image-rows";
import { colourVariable } from "@/lib/colours";
import styles from "./image-table.module.css";
import type { ComparedRun } from "./run-head";

interface Props {
  runs: readonly ComparedRun[];
  rows: readonly ImageRow[];
  step: number;
  source: (runId: string, path: string) => string;
}

/** A column for each run; a picture is fetched once it comes near the screen. */
export function ImageTable({ runs, rows, step, source }: Props) {
  return (
    <div
      className={styles.scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it with the keys
      tabIndex={0}
      role="region"
      aria-label="Pictures"
    >
      <table>
        <thead>
          <tr>
            {runs.map(({ id, name, place }) => (
              <th key={id} scope="col">
                <i style={{ background: colourVariable(place) }} />
                {name}
              </th>
            ))}
          </tr>
        </thead>
        {rows.map(({ key, pictures }) => (
          <tbody key={key}>
            <tr>
              <th scope="rowgroup" colSpan={runs.length} className={styles.key}>
                <span>{key}</span>
              </th>
            </tr>
            <tr>
              {runs.map(({ id, name }, place) => {
                const picture = pictureAt(pictures[place] ?? [], step);
                const at = picture?.step === undefined ? "" : `, step ${picture.step}`;
                return (
                  <td key={id}>
                    {picture ? (
                      <a href={source(id, picture.path)} target="_blank" rel="noreferrer">
                        <img
                          loading="lazy"
                          src={source(id, picture.path)}
                          alt={`${key} of ${name}${at}`}
                        />
                        {at && <small>step {picture.step}</small>}
                      </a>
                    ) : (
                      <span className="faint">none</span>
                    )}
                  </td>
                );
              })}
            </tr>
          </tbody>
        ))}
      </table>
    </div>
  );
}
