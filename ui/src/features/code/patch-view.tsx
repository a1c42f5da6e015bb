import { useMemo } from "react";
import { count } from "@/lib/format";
import { patchedFiles } from "./patch";
import styles from "./patch-view.module.css";

const FOLDED_FROM = 400;

/** What a patch changes, file by file; a long one is folded until somebody wants to see it. */
export function PatchView({ text }: { text: string }) {
  const files = useMemo(() => patchedFiles(text), [text]);
  if (!files?.length) return <pre className={styles.plain}>{text}</pre>;
  return files.map((file) => (
    <details key={file.name} className={styles.file} open={file.lines.length < FOLDED_FROM}>
      <summary>
        <span className="mono">{file.name}</span>
        <b data-change="new">+{count(file.added)}</b>
        <b data-change="gone">−{count(file.removed)}</b>
      </summary>
      <div className={styles.lines}>
        <table>
          <tbody>
            {file.lines.map(({ kind, old, now, text: line }, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
              <tr key={i} data-change={kind}>
                <td>{old || ""}</td>
                <td>{now || ""}</td>
                <td>
                  {kind === "gone" && <span className="visually-hidden">gone: </span>}
                  {kind === "new" && <span className="visually-hidden">new: </span>}
                  <code>{line}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  ));
}
