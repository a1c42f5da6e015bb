import { useMemo } from "react";
import { Empty } from "@/components/empty";
import { Failure } from "@/components/failure";
import { SkeletonRows } from "@/components/skeleton-rows";
import { Snippet } from "@/components/snippet";
import { imageRows, stepsOf } from "@/features/artifacts/image-rows";
import { artifactAddress } from "@/features/artifacts/read-artifact";
import { ImageTable } from "@/features/compare/image-table";
import { useFilesOfEach } from "./compare-files-read";
import { useCompareView } from "./compare-view";
import styles from "./run.module.css";

const MOST_SHOWN = 24;

/** Pictures of the runs beside each other: a row for each path or series. */
export function CompareImages() {
  const { runs, search, change } = useCompareView();
  const shown = useMemo(() => runs.slice(0, MOST_SHOWN), [runs]);
  const { data, error, retry } = useFilesOfEach(shown.map(({ id }) => id));
  const rows = useMemo(
    () => imageRows(data?.map(({ files }) => files.map(({ path }) => path)) ?? []),
    [data],
  );
  const steps = useMemo(() => stepsOf(rows), [rows]);
  if (error) return <Failure error={error} retry={retry} />;
  if (!data) return <SkeletonRows rows={6} />;
  if (rows.length === 0) {
    return (
      <Empty title="None of the runs has pictures">
        <Snippet
          code={
            'headrace.log_image(pixels, key="samples", step=3)\nheadrace.log_figure(figure, "fit.png")'
          }
        />
      </Empty>
    );
  }
  const at = search.step === undefined ? steps.length - 1 : steps.indexOf(Number(search.step));
  const step = steps[at] ?? 0;
  return (
    <>
      <div className={styles.tools}>
        {steps.length > 1 && (
          <label className={styles.switch}>
            Step {step}
            <input
              type="range"
              min={0}
              max={steps.length - 1}
              value={at}
              aria-valuetext={`step ${step}`}
              onChange={(event) => change({ step: String(steps[Number(event.target.value)]) })}
            />
          </label>
        )}
        {runs.length > MOST_SHOWN && (
          <span className="dim">
            Of the first {MOST_SHOWN} of {runs.length} runs.
          </span>
        )}
      </div>
      <ImageTable runs={shown} rows={rows} step={step} source={artifactAddress} />
    </>
  );
}
