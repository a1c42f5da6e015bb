import { Button } from "@mantine/core";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Empty } from "@/components/empty";
import { Failure } from "@/components/failure";
import { Download } from "@/components/icons";
import { listArtifacts } from "@/features/artifacts/list-artifacts";
import { artifactAddress } from "@/features/artifacts/read-artifact";
import { LogView } from "@/features/logs/log-view";
import { getRun } from "@/features/runs/get-run";
import styles from "./run.module.css";

const route = getRouteApi("/experiments/$experimentId/runs/$runId/console");
const FOLDER = "console";
const OWN = `${FOLDER}/output.log`;

/** What the run's processes printed. */
export function RunConsole() {
  const { runId } = route.useParams();
  const { q = "", path } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: run } = useSuspenseQuery(getRun(runId));
  const { data, error, refetch } = useQuery(listArtifacts(runId, FOLDER));
  if (error && !data) return <Failure error={error} retry={refetch} />;
  if (!data) return null;
  const files = data.map((file) => file.path);
  const shown = path ?? (files.includes(OWN) ? OWN : files[0]);
  if (shown === undefined) {
    return (
      <Empty title="Nothing printed yet">
        <p>What a run prints is kept while it goes on, unless HEADRACE_CAPTURE_CONSOLE is off.</p>
      </Empty>
    );
  }
  const change = (part: { q?: string; path?: string }) =>
    navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  return (
    <div className={styles.console}>
      <div className={styles.files}>
        {files.length > 1 &&
          files.map((file) => (
            <Button key={file} aria-pressed={file === shown} onClick={() => change({ path: file })}>
              {file.slice(FOLDER.length + 1)}
            </Button>
          ))}
        <Button
          component="a"
          href={artifactAddress(runId, shown)}
          download
          leftSection={<Download />}
        >
          Download
        </Button>
      </div>
      <LogView
        key={shown}
        file={{ runId, path: shown, live: run.info.status === "RUNNING" }}
        words={q}
        onSearch={(words) => change({ q: words })}
      />
    </div>
  );
}
