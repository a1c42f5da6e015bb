import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Empty } from "@/components/empty";
import { Failure } from "@/components/failure";
import { SkeletonRows } from "@/components/skeleton-rows";
import { pendingRequests } from "@/features/registry/queries";
import { RequestCard } from "@/features/registry/request-card";
import { useReviewer } from "@/features/registry/reviewer";
import type { TransitionRequest } from "@/lib/api-types";
import { useTitle } from "@/lib/title";
import page from "./experiments.module.css";
import run from "./run.module.css";

/** What waits to be decided on: first what others ask for, then one's own. */
export function RequestsPage() {
  useTitle("Requests");
  const { data, error, refetch } = useQuery(pendingRequests());
  const reviewer = useReviewer();
  if (error && !data) return <Failure error={error} retry={refetch} />;
  const mine = (one: TransitionRequest): boolean => reviewer !== "" && one.user_id === reviewer;
  const sorted = [...(data ?? [])].sort((a, b) => Number(mine(a)) - Number(mine(b)));
  return (
    <div className={page.page}>
      <h1>Requests</h1>
      {!data && <SkeletonRows rows={4} />}
      {data?.length === 0 && (
        <Empty title="Nothing waits to be decided on">
          <p>Who wants a model version moved asks for it on the version's page.</p>
        </Empty>
      )}
      <div className={run.wide}>
        {sorted.map((request) => (
          <div key={request.id}>
            <p>
              <Link
                className="link"
                to="/models/$modelName/versions/$version"
                params={{ modelName: request.name, version: request.version }}
              >
                {request.name} version {request.version}
              </Link>
              {mine(request) && <span className="dim"> · yours</span>}
            </p>
            <RequestCard request={request} />
          </div>
        ))}
      </div>
    </div>
  );
}
