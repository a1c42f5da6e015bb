import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { counted } from "@/lib/format";
import { type DiffLine, diffLines, folded } from "./line-diff";
import styles from "./text-diff.module.css";

const LINE_PX = 19;

interface Props {
  label: string;
  left: string;
  right: string;
}

/** Two texts beside each other; what is equal is folded until somebody wants to see it. */
export function TextDiff({ label, left, right }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [unfolded, setUnfolded] = useState(false);
  const lines = useMemo(() => diffLines(left, right), [left, right]);
  const shown = useMemo(() => (unfolded ? lines : folded(lines)), [lines, unfolded]);
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    overscan: 20,
  });
  const changed = lines.filter(({ kind }) => kind === "changed").length;
  if (changed === 0)
    return <p className="dim">Both are the same, {counted(lines.length, "line")}.</p>;
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it with the keys
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <div role="table" aria-label={label} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const line = shown[index];
          return (
            line && (
              <div
                key={index}
                ref={rows.measureElement}
                data-index={index}
                role="row"
                className={styles.line}
                style={{ transform: `translateY(${start}px)` }}
              >
                {line.kind === "gap" ? (
                  <span role="cell" className={styles.gap}>
                    <button type="button" onClick={() => setUnfolded(true)}>
                      {counted(line.lines.length, "equal line")}
                    </button>
                  </span>
                ) : (
                  <Sides line={line} />
                )}
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

function Sides({ line }: { line: DiffLine }) {
  const changed = line.kind === "changed";
  return (
    <>
      <span
        role="cell"
        className={styles.side}
        data-change={changed && line.left ? "gone" : undefined}
      >
        <i>{line.left || ""}</i>
        {changed && line.left > 0 && <span className="visually-hidden">gone: </span>}
        <code>{line.leftText}</code>
      </span>
      <span
        role="cell"
        className={styles.side}
        data-change={changed && line.right ? "new" : undefined}
      >
        <i>{line.right || ""}</i>
        {changed && line.right > 0 && <span className="visually-hidden">new: </span>}
        <code>{line.rightText}</code>
      </span>
    </>
  );
}
