import { useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Empty } from "@/components/empty";
import { Failure } from "@/components/failure";
import { Section } from "@/components/section";
import { SkeletonRows } from "@/components/skeleton-rows";
import { Snippet } from "@/components/snippet";
import { fileIfAny } from "@/features/artifacts/file-if-any";
import { previewOf } from "@/features/artifacts/kinds";
import { walkArtifacts } from "@/features/artifacts/walk-artifacts";
import { CodeFile } from "@/features/code/code-file";
import { Facts } from "@/features/code/facts";
import { Packages } from "@/features/code/packages";
import { codeSections, commitOf, isCode } from "@/features/compare/code";
import { REQUIREMENTS } from "@/features/compare/environment";
import { getRun } from "@/features/runs/get-run";
import styles from "./run.module.css";

const route = getRouteApi("/experiments/$experimentId/runs/$runId/code");

/** The code that a run ran and what it ran with: all that is needed to do it again. */
export function RunCode() {
  const { runId } = route.useParams();
  const queries = useQueryClient();
  const { data: run } = useSuspenseQuery(getRun(runId));
  const walked = useQuery(walkArtifacts(runId));
  const requirements = useQuery(fileIfAny(queries, runId, REQUIREMENTS));
  const error = walked.error ?? requirements.error;
  if (error) return <Failure error={error} retry={() => walked.refetch()} />;
  if (!walked.data || requirements.data === undefined) return <SkeletonRows rows={8} />;
  const facts = codeSections([run])[0]?.rows ?? [];
  const paths = walked.data.files
    .map(({ path }) => path)
    .filter((path) => isCode(path) && previewOf(path) !== "none");
  if (facts.length === 0 && paths.length === 0 && !requirements.data) {
    return <Empty title="This run recorded neither its code nor its environment" />;
  }
  return (
    <div className={styles.code}>
      {facts.length > 0 && (
        <Section id="code" title="Code">
          <Facts rows={facts} />
          <Restore commit={commitOf(run)} patch={paths.find((path) => path.endsWith(".patch"))} />
        </Section>
      )}
      {paths.map((path) => (
        <CodeFile key={path} runId={runId} path={path} />
      ))}
      {requirements.data && <Packages requirements={requirements.data.text} />}
    </div>
  );
}

/** The commands that bring the code back as it was. */
function Restore({ commit, patch }: { commit: string | undefined; patch: string | undefined }) {
  if (!commit) return null;
  const apply = patch && `git apply ${patch.slice(patch.lastIndexOf("/") + 1)}`;
  return <Snippet code={[`git checkout ${commit}`, apply].filter(Boolean).join("\n")} />;
}
