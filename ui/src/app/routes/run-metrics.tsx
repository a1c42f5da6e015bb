import { getRouteApi } from "@tanstack/react-router";
import { isSystem } from "@/features/runs/system-metrics";
import { RunCharts } from "./run-charts";

const route = getRouteApi("/experiments/$experimentId/runs/$runId/metrics");
const isLogged = (key: string): boolean => !isSystem(key);

/** What the run logged, as charts. */
export function RunMetrics() {
  const { runId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <RunCharts
      {...{ runId, search }}
      shows={isLogged}
      onChange={(part) => navigate({ search: (old) => ({ ...old, ...part }), replace: true })}
    />
  );
}
