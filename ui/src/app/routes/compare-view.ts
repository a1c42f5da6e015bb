import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { comparedRuns } from "@/features/compare/compared-runs";
import type { ComparedRun } from "@/features/compare/run-head";
import { everyExperiment } from "@/features/experiments/every-experiment";
import { shownName } from "@/lib/run-name";

const route = getRouteApi("/compare");

/** What the address says of the comparison, the runs that it names, and how to change it. */
export function useCompareView() {
  const search = route.useSearch();
  // Not the route's own: a change stays on the part of the comparison that is open.
  const navigate = useNavigate();
  const ids = useMemo(
    () => [...new Set((search.runs ?? "").split(",").filter(Boolean))],
    [search.runs],
  );
  const experiments = useQuery(everyExperiment());
  const experimentIds = useMemo(
    () => experiments.data?.map(({ experiment_id }) => experiment_id) ?? [],
    [experiments.data],
  );
  const found = useQuery(comparedRuns(ids, experimentIds));
  const runs = useMemo(
    () =>
      found.data?.map(
        ({ info }, place): ComparedRun => ({
          id: info.run_id,
          name: shownName(info),
          experimentId: info.experiment_id,
          place,
        }),
      ) ?? [],
    [found.data],
  );
  const change = useCallback(
    (part: Partial<typeof search>) =>
      navigate({ to: ".", search: (old: typeof search) => ({ ...old, ...part }), replace: true }),
    [navigate],
  );
  const baseline = Math.max(
    0,
    runs.findIndex(({ id }) => id === search.base),
  );
  return {
    ...{ search, ids, runs, baseline, change },
    data: found.data,
    experiments: experiments.data,
    error: experiments.error ?? found.error,
    running: found.data?.some(({ info }) => info.status === "RUNNING") ?? false,
    retry: () => {
      experiments.refetch();
      found.refetch();
    },
    onBaseline: (base: string) => change({ base }),
    onRemove: (id: string) => change({ runs: ids.filter((one) => one !== id).join() }),
  };
}
