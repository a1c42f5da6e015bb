import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import { Empty } from "@/components/empty";
import { Failure } from "@/components/failure";
import { PAUSE_MS, SearchBox } from "@/components/search-box";
import { SkeletonRows } from "@/components/skeleton-rows";
import { Snippet } from "@/components/snippet";
import { ExperimentTable } from "@/features/experiments/experiment-table";
import { searchExperiments } from "@/features/experiments/search-experiments";
import { sorted } from "@/features/experiments/sort-experiments";
import { summarizeExperiments } from "@/features/experiments/summarize-experiments";
import { address } from "@/lib/call";
import { count, counted } from "@/lib/format";
import { useTitle } from "@/lib/title";
import styles from "./experiments.module.css";

const route = getRouteApi("/experiments");
const NEWEST_FIRST = "-activity";

export function ExperimentsPage() {
  const { q = "", sort = NEWEST_FIRST } = route.useSearch();
  const navigate = route.useNavigate();
  useTitle("Experiments");
  const found = useExperiments(q);
  const lines = useMemo(() => sorted(found.lines, sort), [found.lines, sort]);
  const change = (search: { q?: string; sort?: string }) =>
    navigate({ search: (old) => ({ ...old, ...search }), replace: true });
  if (found.error && lines.length === 0)
    return <Failure error={found.error} retry={found.refetch} />;
  const untouched = q === "" && found.ready && found.runs === 0;
  return (
    <div className={styles.page}>
      <h1>Experiments</h1>
      <div className={styles.bar}>
        <SearchBox
          label="Search experiments by name"
          value={q}
          pauseMs={PAUSE_MS}
          onChange={(text) => change({ q: text })}
        />
        <span className="dim">{found.loaded ? counted(lines.length, "experiment") : ""}</span>
      </div>
      {!found.loaded ? (
        <SkeletonRows rows={8} />
      ) : lines.length === 0 ? (
        <NoneFound text={q} />
      ) : (
        <ExperimentTable lines={lines} sort={sort} onSort={(by) => change({ sort: by })} />
      )}
      {untouched && <FirstRun />}
    </div>
  );
}

function useExperiments(text: string) {
  const found = useInfiniteQuery(searchExperiments(text));
  const { hasNextPage, isFetching, fetchNextPage, data } = found;
  useEffect(() => {
    if (hasNextPage && !isFetching) fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  const experiments = useMemo(
    () => data?.pages.flatMap((page) => page.experiments ?? []) ?? [],
    [data],
  );
  const ids = useMemo(() => experiments.map((each) => each.experiment_id), [experiments]);
  const summaries = useQuery(summarizeExperiments(ids));
  const known = summaries.data;
  const lines = useMemo(
    () =>
      experiments.map((experiment) => ({
        experiment,
        summary: known?.get(experiment.experiment_id),
      })),
    [experiments, known],
  );
  return {
    lines,
    loaded: data !== undefined,
    ready: known !== undefined,
    runs: [...(known?.values() ?? [])].reduce((sum, each) => sum + (each.active_runs ?? 0), 0),
    error: found.error ?? summaries.error,
    refetch: found.refetch,
  };
}

function NoneFound({ text }: { text: string }) {
  return (
    <Empty title={text ? "No experiment has such a name" : "No experiments yet"}>
      {text && <p>Nothing matches “{text}”. % stands for any text, _ for any one character.</p>}
      {!text && <FirstRun />}
    </Empty>
  );
}

function FirstRun() {
  const server = address("").replace(/\/$/, "");
  return (
    <Empty title="Log a first run">
      <p>Run this where your code runs; the run appears here while it goes on.</p>
      <Snippet
        code={[
          "import headrace",
          "",
          `headrace.set_tracking_uri("${server}")`,
          'headrace.set_experiment("first-steps")',
          "with headrace.start_run():",
          '    headrace.log_param("learning_rate", 0.1)',
          `    for step in range(${count(100)}):`,
          '        headrace.log_metric("loss", 1 / (step + 1), step=step)',
        ].join("\n")}
      />
      <p>A script that uses mlflow needs the second line alone, with its own name.</p>
    </Empty>
  );
}
