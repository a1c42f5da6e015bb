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
            {dataset.schema && <Schema text={dataset.schema} />}
            {dataset.profile && <pre>{readable(dataset.profile)}</pre>}
          </details>
        ))}
      </div>
    </Section>
  );
}

/** The columns of a dataset, or what else its schema says. */
function Schema({ text }: { text: string }) {
  const columns = columnsOf(text);
  if (!columns) return <pre>{readable(text)}</pre>;
  return (
    <table className={styles.schema}>
      <thead>
        <tr>
          <th>Column</th>
          <th>Type</th>
        </tr>
      </thead>
      <tbody>
        {columns.map(({ name, type, required }) => (
          <tr key={name}>
            <td>{name}</td>
            <td>
              {type}
              {required === false && <span className="faint">, may be missing</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface Column {
  name: string;
  type: string;
  required?: boolean;
}

/** The columns that a schema in MLflow's form has; none where it is of another form. */
function columnsOf(text: string): Column[] | undefined {
  const found: unknown = parsed(text);
  const listed =
    typeof found === "object" && found && "mlflow_colspec" in found ? found.mlflow_colspec : found;
  if (!Array.isArray(listed) || listed.length === 0) return undefined;
  const columns = listed.filter(isColumn);
  return columns.length === listed.length ? columns : undefined;
}

const isColumn = (found: unknown): found is Column =>
  typeof found === "object" &&
  found !== null &&
  "name" in found &&
  typeof found.name === "string" &&
  "type" in found &&
  typeof found.type === "string";

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** JSON on its own lines; whatever else it is as it stands. */
function readable(text: string): string {
  const found = parsed(text);
  return found === undefined ? text : JSON.stringify(found, null, 1);
}
