import { getRouteApi } from "@tanstack/react-router";
import { isSystem } from "@/features/runs/system-metrics";
import { RunCharts } from "./run-charts";

const route = getRouteApi("/experiments/$experimentId/runs/$runId/system");
// Over time, and with nothing folded away, until somebody chooses.
const AT_FIRST = { axis: "relative", fold: "none" };

/** What the run used of its machine, as charts over time. */
export function RunSystem() {
  const { runId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <RunCharts
      runId={runId}
      search={{ ...AT_FIRST, ...search }}
      shows={isSystem}
      onChange={(part) => {
        const told = "axis" in part ? { ...part, axis: part.axis ?? "step" } : part;
        navigate({ search: (old) => ({ ...old, ...told }), replace: true });
      }}
    />
  );
}
