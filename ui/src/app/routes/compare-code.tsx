import { useMemo } from "react";
import { Failure } from "@/components/failure";
import { SkeletonRows } from "@/components/skeleton-rows";
import { Snippet } from "@/components/snippet";
import { previewOf } from "@/features/artifacts/kinds";
import { codeSections, commitOf, isCode } from "@/features/compare/code";
import { CompareGrid, heightOf } from "@/features/compare/compare-grid";
import styles from "./compare.module.css";
import { useFilesOfEach } from "./compare-files-read";
import { FilePair, type Pair, PairChoice, pairOf } from "./compare-pair";
import { useCompareView } from "./compare-view";

/** Where the code of the runs comes from, and what two of them recorded that is not committed. */
export function CompareCode() {
  const view = useCompareView();
  const { data = [] } = view;
  const sections = useMemo(() => codeSections(data), [data]);
  const pair = pairOf(view);
  return (
    <div className={styles.scroll}>
      <div className={styles.facts} style={{ height: heightOf(sections) }}>
        <CompareGrid
          label="Code"
          runs={view.runs}
          baseline={view.baseline}
          sections={sections}
          onBaseline={view.onBaseline}
          onRemove={view.onRemove}
        />
      </div>
      {pair && <PairChoice view={view} pair={pair} />}
      {pair && <Commits view={view} pair={pair} />}
      {pair && <Sources pair={pair} />}
    </div>
  );
}

function Commits({ view, pair }: { view: ReturnType<typeof useCompareView>; pair: Pair }) {
  const commit = (id: string) => commitOf(view.data?.find(({ info }) => info.run_id === id));
  const [left, right] = [commit(pair.baseline.id), commit(pair.other.id)];
  if (!left || !right || left === right) return null;
  return (
    <>
      <p className="dim">The commits differ. In the repository, this shows how:</p>
      <Snippet code={`git diff ${left} ${right}`} />
    </>
  );
}

/** The patches, scripts and notebooks that two runs recorded. */
function Sources({ pair }: { pair: Pair }) {
  const ids = useMemo(() => [pair.baseline.id, pair.other.id], [pair.baseline.id, pair.other.id]);
  const { data, error, retry } = useFilesOfEach(ids);
  if (error) return <Failure error={error} retry={retry} />;
  if (!data) return <SkeletonRows rows={4} />;
  const all = data.flatMap(({ files }) => files.map(({ path }) => path));
  const paths = [...new Set(all)].filter((path) => isCode(path) && previewOf(path) !== "none");
  if (paths.length === 0)
    return <p className="dim">Neither recorded code that its commit does not hold.</p>;
  return paths.sort().map((path) => <FilePair key={path} pair={pair} path={path} />);
}
