import { useMemo } from "react";
import { Empty } from "@/components/empty";
import { Failure } from "@/components/failure";
import { SkeletonRows } from "@/components/skeleton-rows";
import { environmentSections, REQUIREMENTS } from "@/features/compare/environment";
import { useFileOfEach } from "./compare-files-read";
import { CompareSections } from "./compare-values";
import { useCompareView } from "./compare-view";

/** The packages and machines that the runs recorded. */
export function CompareEnvironment() {
  const { runs } = useCompareView();
  const ids = useMemo(() => runs.map(({ id }) => id), [runs]);
  const { data, error, retry } = useFileOfEach(ids, REQUIREMENTS);
  const sections = useMemo(() => (data ? environmentSections(data) : []), [data]);
  if (error) return <Failure error={error} retry={retry} />;
  if (!data) return <SkeletonRows rows={10} />;
  if (data.every((text) => text === "")) {
    return (
      <Empty title="None of the runs recorded its environment">
        <p>
          A run of Headrace's client writes <code>{REQUIREMENTS}</code> by itself, unless{" "}
          <code>HEADRACE_CAPTURE_ENVIRONMENT=false</code> is set or it ended within a second.
        </p>
      </Empty>
    );
  }
  return <CompareSections label="Environment" sections={sections} />;
}
