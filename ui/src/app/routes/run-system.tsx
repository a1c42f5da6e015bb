import { getRouteApi } from "@tanstack/react-router";
import { isSystem } from "@/features/runs/system-metrics";
import { RunCharts } from "./run-charts";

const route = getRouteApi("/experiments/$experimentId/runs/$runId/system");

/** What the run used of its machine, as charts over time. */
export function RunSystem() {
  const { runId } = route.useParams();
  const { q, axis = "relative" } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <RunCharts
      {...{ runId, q, axis }}
      shows={isSystem}
      onChange={(part) => {
        const told = "axis" in part ? { axis: part.axis ?? "step" } : part;
        navigate({ search: (old) => ({ ...old, ...told }), replace: true });
      }}
    />
  );
}
