import { Markdown } from "@/components/markdown";
import styles from "./artifacts.module.css";
import { HtmlFrame } from "./html-frame";
import type { Cell, Output } from "./notebook";

/** A notebook as it was saved; nothing of it runs in this page. */
export function NotebookView({ cells }: { cells: readonly Cell[] }) {
  return (
    <div className={styles.notebook}>
      {cells.map((cell, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: cells have no other name
        <section key={i} aria-label={`Cell ${i + 1}`}>
          {cell.kind === "markdown" ? (
            <Markdown text={cell.text} />
          ) : (
            <>
              <small className="faint">[{cell.count ?? " "}]</small>
              <pre className={styles.source}>{cell.text}</pre>
            </>
          )}
          {cell.outputs.map((output, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as their cells
            <Shown key={at} output={output} />
          ))}
        </section>
      ))}
    </div>
  );
}

function Shown({ output }: { output: Output }) {
  if (output.kind === "image")
    return <img className={styles.image} src={output.source} alt="Output of the cell" />;
  if (output.kind === "html") return <HtmlFrame html={output.text} title="Output of the cell" />;
  return (
    <pre className={styles.text} data-bad={output.kind === "error"}>
      {output.text}
    </pre>
  );
}
