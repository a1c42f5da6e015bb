import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Empty } from "@/components/empty";
import { Failure } from "@/components/failure";
import { Download } from "@/components/icons";
import { Snippet } from "@/components/snippet";
import { ArtifactPreview } from "@/features/artifacts/artifact-preview";
import { ArtifactTree } from "@/features/artifacts/artifact-tree";
import styles from "@/features/artifacts/artifacts.module.css";
import { listArtifacts } from "@/features/artifacts/list-artifacts";
import { archiveAddress } from "@/features/artifacts/read-artifact";

const route = getRouteApi("/experiments/$experimentId/runs/$runId/artifacts");

export function RunArtifacts() {
  const { runId } = route.useParams();
  const { path = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch } = useQuery(listArtifacts(runId, ""));
  if (error) return <Failure error={error} retry={refetch} />;
  if (data?.length === 0) {
    return (
      <Empty title="No artifacts">
        <p>Files that a run leaves behind are shown here:</p>
        <Snippet
          code={'headrace.log_artifact("model.bin")\nheadrace.log_figure(figure, "fit.png")'}
        />
      </Empty>
    );
  }
  return (
    <div className={styles.split}>
      <div className={styles.side}>
        <p className={styles.all}>
          <Button
            component="a"
            href={archiveAddress(runId, "")}
            download
            leftSection={<Download />}
          >
            Download all
          </Button>
        </p>
        <ArtifactTree
          runId={runId}
          path=""
          chosen={path}
          onChoose={(chosen) => navigate({ search: { path: chosen } })}
        />
      </div>
      {path ? (
        <ArtifactPreview runId={runId} path={path} />
      ) : (
        <Empty title="Choose a file to see it" />
      )}
    </div>
  );
}
