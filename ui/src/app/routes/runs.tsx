import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { Failure, FailureLine } from "@/components/failure";
import { SkeletonRows } from "@/components/skeleton-rows";
import { noteOf } from "@/features/experiments/change-experiments";
import { useExperiments } from "@/features/experiments/get-experiment";
import { allColumns, moved, pinned } from "@/features/runs/columns";
import { listColumns } from "@/features/runs/list-columns";
import { clicked } from "@/features/runs/order";
import { RunGroups } from "@/features/runs/run-groups";
import { useRunPages } from "@/features/runs/run-pages";
import { RunTable } from "@/features/runs/run-table";
import { RunTableFoot } from "@/features/runs/run-table-foot";
import { selectedIds, toggled } from "@/features/runs/selection";
import { runCount, runIds } from "@/features/runs/tabulate-runs";
import { useUnfolded } from "@/features/runs/unfolded-runs";
import type { Columns, Experiment } from "@/lib/api-types";
import { Refusal } from "@/lib/call";
import { count } from "@/lib/format";
import { pointedCurve } from "@/lib/pointed";
import { useTitle } from "@/lib/title";
import styles from "./runs.module.css";
import { RunsBar } from "./runs-bar";
import { MOST_GROUPS, useColours } from "./runs-drawn";
import { NoRuns } from "./runs-empty";
import { RunsHead } from "./runs-head";
import { SelectionActions } from "./runs-selection";
import { useRunsView } from "./runs-view";

const RunsCharts = lazy(() => import("./runs-charts"));
const route = getRouteApi("/experiments/$experimentId");
const MOST_SELECTED = 10_000;
const MOST_NAMES = 3;

export function RunsPage() {
  const { experimentId: place } = route.useParams();
  const experimentIds = useMemo(() => place.split(","), [place]);
  const { experiments, error, refetch } = useExperiments(experimentIds);
  const known = useQuery(listColumns(experimentIds));
  const complete = experiments.length === experimentIds.length;
  const [one] = experiments;
  const several = experimentIds.length > 1;
  const title = complete ? namesOf(experiments) : undefined;
  useTitle(title ?? "Runs");
  const missing = error ?? known.error;
  if (missing && !(complete && known.data)) {
    const retry = () => {
      refetch();
      known.refetch();
    };
    return <Failure error={missing} retry={retry} />;
  }
  return (
    <div className={styles.page}>
      <RunsHead
        experimentIds={experimentIds}
        title={title}
        note={several || !one ? "" : noteOf(one)}
      />
      <Runs key={place} experimentIds={experimentIds} />
    </div>
  );
}

function namesOf(experiments: readonly Experiment[]): string {
  const names = experiments.slice(0, MOST_NAMES).map(({ name }) => name);
  const more = experiments.length - names.length;
  return names.join(", ") + (more > 0 ? ` and ${count(more)} more` : "");
}

function Runs({ experimentIds }: { experimentIds: readonly string[] }) {
  const known = useQuery(listColumns(experimentIds)).data;
  const view = useRunsView(experimentIds, known);
  // Only the columns that are shown by default depend on what there is.
  return view.ready ? (
    <ReadyRuns {...{ experimentIds, known, view }} />
  ) : (
    <SkeletonRows rows={12} />
  );
}

interface ReadyProps {
  experimentIds: readonly string[];
  known: Columns | undefined;
  view: ReturnType<typeof useRunsView>;
}

function ReadyRuns({ experimentIds, known, view }: ReadyProps) {
  const { question, columns, orders, open } = view;
  const [selection, select] = view.selection;
  const [blocks, setBlocks] = useState<readonly [number, number]>([0, 0]);
  const queries = useQueryClient();
  const navigate = route.useNavigate();
  const pages = useRunPages(question.table, ...blocks);
  const { unfolded, error: childError } = useUnfolded(question.table, pages.listed, open);
  const matching = useQuery({
    ...runCount(question.all),
    enabled: pages.listed !== undefined || pages.error !== null,
  });
  const places = useMemo(() => placesOf(selection), [selection]);
  const colours = useColours(view, places, pages.listed);
  const openSet = useMemo(() => new Set(open), [open]);
  const all = useMemo(() => allColumns(known), [known]);
  const onBlocks = useCallback((first: number, last: number) => setBlocks([first, last]), []);

  const selectAll = async () => {
    if (places.size > 0) return select([]);
    const ids = await queries.fetchQuery(runIds(question.table, MOST_SELECTED));
    select(ids);
  };
  const filterError = pages.error instanceof Refusal && pages.error.status === 400;
  const failure = filterError ? null : (pages.error ?? childError);
  const ids = columns.map(({ id }) => id);
  const empty = !pages.stale && matching.data === 0;
  return (
    <>
      <RunsBar
        {...{ experimentIds, view, all }}
        shown={ids}
        error={filterError ? pages.error : null}
      />
      {failure && pages.listed && <FailureLine error={failure} retry={pages.retry} />}
      <div className={styles.split} data-charts={view.charts} onPointerOver={pointAtCurve}>
        {failure && !pages.listed ? (
          <Failure error={failure} retry={pages.retry} />
        ) : empty ? (
          <NoRuns
            experimentIds={experimentIds}
            filtered={view.filter !== ""}
            deleted={view.deleted}
            onClear={() => view.change({ q: "" })}
          />
        ) : view.by.length > 0 ? (
          <RunGroups
            runs={question.all}
            {...{ by: view.by, columns, sort: view.groupSort }}
            coloured={view.charts === "off" ? 0 : MOST_GROUPS}
            onSort={(gsort) => view.change({ gsort })}
            onOpen={(q) => view.change({ q, by: undefined, gsort: undefined }, true)}
          />
        ) : (
          <RunTable
            {...{ pages, unfolded, columns, orders, places, colours, onBlocks }}
            open={openSet}
            onSelectAll={selectAll}
            onToggle={(id) => select(toggled(selection, id))}
            onFold={(id) => view.change({ open: without(open, id).join() })}
            onOpenRun={(runId, of) =>
              navigate({
                to: "/experiments/$experimentId/runs/$runId",
                params: { experimentId: of, runId },
              })
            }
            onSort={(text, first, also) => view.onOrders(clicked(orders, text, first, also))}
            onReplace={(id, by) =>
              view.onColumns(ids.flatMap((one) => (one === id ? (by ?? []) : one)))
            }
            onMove={(id, before) => view.onArrange(moved(columns, id, before))}
            onPin={(id, on) => view.onArrange(pinned(columns, id, on))}
          >
            <RunTableFoot
              matching={matching.data}
              refused={filterError}
              top={question.topLevel ? pages.listed?.total : undefined}
              filtered={view.filter !== ""}
              deleted={view.deleted}
              selected={places.size}
              actions={
                <SelectionActions
                  runIds={selectedIds(selection)}
                  deleted={view.deleted}
                  tags={known?.tags ?? []}
                  onClear={() => select([])}
                />
              }
            />
          </RunTable>
        )}
        {view.charts !== "off" &&
          (colours.size > 0 || view.by.length > 0 || view.chartSearch.add) && (
            <Suspense fallback={<aside className={styles.charts} />}>
              <RunsCharts {...{ view, known, colours }} />
            </Suspense>
          )}
      </div>
    </>
  );
}

/** The line of what the pointer is at in the table stands out in the charts. */
const pointAtCurve = ({ target }: { target: EventTarget }) => {
  const row = target instanceof Element ? target.closest<HTMLElement>("[data-curve]") : null;
  pointedCurve.tell(row?.dataset.curve);
};

const placesOf = (selection: readonly string[]): ReadonlyMap<string, number> =>
  new Map(selection.flatMap((id, place) => (id ? [[id, place] as const] : [])));

const without = (open: readonly string[], id: string): string[] =>
  open.includes(id) ? open.filter((one) => one !== id) : [...open, id];
