import { useQuery } from "@tanstack/react-query";
import { Navigate, useParams } from "@tanstack/react-router";
import { Failure } from "@/components/failure";
import { getRun } from "@/features/runs/get-run";

/** A run's short address leads to its whole one. */
export function AnyRun() {
  const { runId = "" } = useParams({ strict: false });
  const { data, error, refetch } = useQuery(getRun(runId));
  if (error) return <Failure error={error} retry={refetch} />;
  if (!data) return null;
  return (
    <Navigate
      to="/experiments/$experimentId/runs/$runId"
      params={{ experimentId: data.info.experiment_id, runId }}
      replace
    />
  );
}
