import { useQuery } from "@tanstack/react-query";
import { Link, useMatch, useParams } from "@tanstack/react-router";
import { ExperimentName } from "@/features/experiments/experiment-name";
import { getRun } from "@/features/runs/get-run";
import { counted } from "@/lib/format";
import { shownName } from "@/lib/run-name";
import styles from "./crumbs.module.css";

const HERE = { activeOptions: { exact: true, includeSearch: false } };

/** Where the page is: each step leads back to itself. */
export function Crumbs() {
  const { experimentId, runId, modelName, version } = useParams({ strict: false });
  const inRequests = useMatch({ from: "/requests", shouldThrow: false });
  if (modelName || inRequests) {
    return (
      <nav aria-label="Breadcrumb" className={styles.crumbs}>
        {inRequests && (
          <Link to="/requests" {...HERE}>
            Requests
          </Link>
        )}
        {modelName && (
          <Link to="/models/$modelName" params={{ modelName }} {...HERE}>
            {modelName}
          </Link>
        )}
        {modelName && version && (
          <Link to="/models/$modelName/versions/$version" params={{ modelName, version }} {...HERE}>
            version {version}
          </Link>
        )}
      </nav>
    );
  }
  return <RunCrumbs experimentId={experimentId} runId={runId} />;
}

function RunCrumbs({ experimentId, runId }: { experimentId?: string; runId?: string }) {
  const comparing = useMatch({ from: "/compare", shouldThrow: false });
  return (
    <nav aria-label="Breadcrumb" className={styles.crumbs}>
      {comparing && (
        <Link to="/compare" search={true} {...HERE}>
          Compare
        </Link>
      )}
      {experimentId && <ExperimentCrumb place={experimentId} />}
      {experimentId && runId && <RunCrumb experimentId={experimentId} runId={runId} />}
    </nav>
  );
}

/** One experiment, or several whose ids stand with commas between them. */
function ExperimentCrumb({ place }: { place: string }) {
  const several = place.split(",").length;
  return (
    <Link to="/experiments/$experimentId" params={{ experimentId: place }} {...HERE}>
      {several > 1 ? counted(several, "experiment") : <ExperimentName experimentId={place} />}
    </Link>
  );
}

function RunCrumb({ experimentId, runId }: { experimentId: string; runId: string }) {
  const { data } = useQuery(getRun(runId));
  return (
    <Link to="/experiments/$experimentId/runs/$runId" params={{ experimentId, runId }} {...HERE}>
      {data ? shownName(data.info) : runId}
    </Link>
  );
}
