import { useMemo } from "react";
import { Empty } from "@/components/empty";
import { Failure } from "@/components/failure";
import { SkeletonRows } from "@/components/skeleton-rows";
import { previewOf } from "@/features/artifacts/kinds";
import { FileList } from "@/features/compare/file-list";
import { bytes } from "@/lib/format";
import styles from "./compare.module.css";
import { useFilesOfEach } from "./compare-files-read";
import { FilePair, type Pair, PairChoice, pairOf } from "./compare-pair";
import { useCompareView } from "./compare-view";

const TEXTS = new Set(["text", "markdown", "json", "notebook", "map", "table", "html"]);

/** The files of two runs; a text is shown line by line. */
export function CompareFiles() {
  const view = useCompareView();
  const pair = pairOf(view);
  return (
    pair && (
      <>
        <PairChoice view={view} pair={pair} />
        <Files view={view} pair={pair} />
      </>
    )
  );
}

function Files({ view, pair }: { view: ReturnType<typeof useCompareView>; pair: Pair }) {
  const ids = useMemo(() => [pair.baseline.id, pair.other.id], [pair.baseline.id, pair.other.id]);
  const { data, error, retry } = useFilesOfEach(ids);
  if (error) return <Failure error={error} retry={retry} />;
  if (!data) return <SkeletonRows rows={8} />;
  const sizes = data.map(
    ({ files }) => new Map(files.map(({ path, file_size }) => [path, file_size ?? 0])),
  );
  const paths = [...new Set(sizes.flatMap((one) => [...one.keys()]))].sort();
  const { path = "" } = view.search;
  const entries = paths.map((one) => ({
    path: one,
    sizes: sizes.map((of) => of.get(one)),
    isText: TEXTS.has(previewOf(one)),
  }));
  const chosen = entries.find((entry) => entry.path === path);
  return paths.length === 0 ? (
    <Empty title="Neither run has files" />
  ) : (
    <div className={styles.files}>
      <FileList entries={entries} chosen={path} onChoose={(next) => view.change({ path: next })} />
      <div className={styles.scroll}>
        {data.some(({ whole }) => !whole) && (
          <p className="dim">There are more folders than are listed here.</p>
        )}
        {!chosen ? (
          <Empty title="Choose a file to see how it differs" />
        ) : chosen.isText ? (
          <FilePair pair={pair} path={path} />
        ) : (
          <Empty title={path}>
            <p>
              It is no text:{" "}
              {chosen.sizes
                .map((size) => (size === undefined ? "absent" : bytes(size)))
                .join(" and ")}
              .
            </p>
          </Empty>
        )}
      </div>
    </div>
  );
}
