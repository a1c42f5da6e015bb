import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Failure } from "@/components/failure";
import { SkeletonRows } from "@/components/skeleton-rows";
import { fileIfAny } from "@/features/artifacts/file-if-any";
import { SHOWN_BYTES } from "@/features/artifacts/read-artifact";
import type { ComparedRun } from "@/features/compare/run-head";
import { TextDiff } from "@/features/compare/text-diff";
import { bytes } from "@/lib/format";
import styles from "./compare.module.css";
import type { useCompareView } from "./compare-view";

export interface Pair {
  readonly baseline: ComparedRun;
  readonly other: ComparedRun;
}

/** The baseline and the run that it is held against, where two texts are looked at. */
export function pairOf({
  runs,
  baseline,
  search,
}: ReturnType<typeof useCompareView>): Pair | undefined {
  const base = runs[baseline];
  const others = runs.filter(({ id }) => id !== base?.id);
  const other = others.find(({ id }) => id === search.with) ?? others[0];
  return base && other && { baseline: base, other };
}

/** Which two runs are looked at, and the choice of others. */
export function PairChoice({
  view,
  pair,
}: {
  view: ReturnType<typeof useCompareView>;
  pair: Pair;
}) {
  const choice = (label: string, run: ComparedRun, choose: (id: string) => void) => (
    <label>
      {label}{" "}
      <select value={run.id} onChange={(event) => choose(event.target.value)}>
        {view.runs.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <div className={styles.pair}>
      {choice("Baseline", pair.baseline, view.onBaseline)}
      {choice("Beside it", pair.other, (id) => view.change({ with: id }))}
    </div>
  );
}

/** One file of both runs, line by line. */
export function FilePair({ pair, path }: { pair: Pair; path: string }) {
  const queries = useQueryClient();
  const left = useQuery(fileIfAny(queries, pair.baseline.id, path));
  const right = useQuery(fileIfAny(queries, pair.other.id, path));
  const error = left.error ?? right.error;
  if (error) {
    const retry = () => {
      left.refetch();
      right.refetch();
    };
    return <Failure error={error} retry={retry} />;
  }
  if (left.data === undefined || right.data === undefined) return <SkeletonRows rows={4} />;
  const whole = (left.data?.whole ?? true) && (right.data?.whole ?? true);
  return (
    <section className={styles.file} aria-label={path}>
      <header>
        <b className="mono">{path}</b>
        {!left.data && <span className="dim">only in {pair.other.name}</span>}
        {!right.data && <span className="dim">only in {pair.baseline.name}</span>}
        {!whole && <span className="dim">the first {bytes(SHOWN_BYTES)} of each</span>}
      </header>
      <TextDiff
        label={`${path}, line by line`}
        left={left.data?.text ?? ""}
        right={right.data?.text ?? ""}
      />
    </section>
  );
}
