import { Section } from "@/components/section";
import type { DatasetInput } from "@/lib/api-types";
import styles from "./run-parts.module.css";

const CONTEXT = "mlflow.data.context";

/** The data that went into a run. */
export function Datasets({ inputs }: { inputs: readonly DatasetInput[] }) {
  if (inputs.length === 0) return null;
  return (
    <Section id="datasets" title="Datasets" count={inputs.length}>
      <div>
        {inputs.map(({ dataset, tags }) => (
          <details key={`${dataset.name} ${dataset.digest}`} className={styles.dataset}>
            <summary>
              {dataset.name} <span className="mono faint">{dataset.digest}</span>{" "}
              <span className="dim">{tags?.find(({ key }) => key === CONTEXT)?.value}</span>
            </summary>
            <dl className={styles.facts}>
              <dt>Source</dt>
              <dd className="mono">{dataset.source}</dd>
            </dl>
            {dataset.schema && <pre>{readable(dataset.schema)}</pre>}
            {dataset.profile && <pre>{readable(dataset.profile)}</pre>}
          </details>
        ))}
      </div>
    </Section>
  );
}

/** JSON on its own lines; whatever else it is as it stands. */
function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 1);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
