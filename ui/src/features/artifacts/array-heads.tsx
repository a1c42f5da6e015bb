import { useQuery } from "@tanstack/react-query";
import { count, short } from "@/lib/format";
import { type ArrayHead, npyHead, safetensorsHead } from "./arrays";
import styles from "./artifacts.module.css";
import { readBytes } from "./read-artifact";

/** What arrays a file holds: their types and shapes, and of a small one how its values lie. */
export function ArrayHeads({ runId, path }: { runId: string; path: string }) {
  const { data, error } = useQuery(readBytes(runId, path));
  if (error) return <p className={styles.error}>{error.message}</p>;
  if (!data) return null;
  const heads = path.toLowerCase().endsWith(".npy") ? one(npyHead(data)) : safetensorsHead(data);
  if (!heads) return <p className="dim">The beginning of the file does not tell what it holds.</p>;
  return (
    <div className={styles.cells}>
      <table>
        <thead>
          <tr>
            {["Name", "Type", "Shape", "Values", "Least", "Mean", "Most"].map((name) => (
              <th key={name}>{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {heads.map(({ name, dtype, shape, summary }) => (
            <tr key={name}>
              <td>{name}</td>
              <td>{dtype}</td>
              <td>{shape.join(" × ") || "one value"}</td>
              <td>{count(shape.reduce((product, length) => product * length, 1))}</td>
              <td>{summary && short(summary.least)}</td>
              <td>{summary && short(summary.mean)}</td>
              <td>{summary && short(summary.most)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const one = (head: ArrayHead | undefined): ArrayHead[] | undefined => head && [head];
