import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import type { ChartGroup, ChartRun, Source } from "@/features/metrics/curves";
import { groupName, groupRuns, numberColumns } from "@/features/runs/group-runs";
import type { Listed } from "@/features/runs/run-pages";
import { type Selection, toggled } from "@/features/runs/selection";
import { runsById } from "@/features/runs/tabulate-runs";
import { shownName } from "@/lib/run-name";
import { type Parted, useParted } from "./runs-painted";
import type { useRunsView } from "./runs-view";

export const MOST_RUNS = 24;
const MOST_VISIBLE = 12;
export const MOST_GROUPS = 12;
const MOST_FACETS = 12;
const ID_SHOWN = 8;
const NOTHING: ReadonlyMap<string, number> = new Map();

type View = ReturnType<typeof useRunsView>;

/**
 * The colours of runs: those of the selection; where none are selected and charts are there all the same, the
 * first of the table get one, which each keeps as long as it is among them.
 */
export function useColours(
  view: View,
  places: ReadonlyMap<string, number>,
  listed: Listed | undefined,
): ReadonlyMap<string, number> {
  const last = useRef<Selection>([]);
  const open = view.charts === "wide" || (view.charts === "beside" && view.chartSearch.add);
  const wanted = open && places.size === 0 && view.by.length === 0;
  const first = wanted
    ? Array.from({ length: MOST_VISIBLE }, (_, i) => listed?.rows.get(i)?.run_id ?? "")
    : [];
  const text = first.filter(Boolean).join();
  const own = useMemo(() => {
    if (text === "") return places.size > 0 ? places : NOTHING;
    const ids = text.split(",");
    const gone = last.current.filter((id) => id !== "" && !ids.includes(id));
    const stayed = gone.reduce<Selection>(toggled, last.current);
    last.current = ids.reduce<Selection>(
      (all, id) => (all.includes(id) ? all : toggled(all, id)),
      stayed,
    );
    return new Map(last.current.flatMap((id, place) => (id ? [[id, place] as const] : [])));
  }, [text, places]);
  const ids = useMemo(() => [...own.keys()], [own]);
  const parted = useParted(view.question.all, ids, view.chartSearch.hue);
  return useMemo(
    () => (parted ? new Map(ids.map((id, i) => [id, parted.placeOf.get(id) ?? i] as const)) : own),
    [own, ids, parted],
  );
}

/** What a page draws: one source, or one for each value of the field that panels go by. */
export interface Drawn {
  readonly source: Source;
  readonly facets: readonly { readonly name: string; readonly source: Source }[];
  /** What colours and dashes stand for. */
  readonly legends: readonly { readonly kind: "hue" | "dash"; readonly parted: Parted }[];
}

/** Whose curves the page draws, with their names. */
export function useDrawn(view: View, colours: ReadonlyMap<string, number>): Drawn {
  const groups = useGroups(view);
  const drawn = useMemo(() => [...colours].slice(0, MOST_RUNS), [colours]);
  const ids = useMemo(() => drawn.map(([id]) => id), [drawn]);
  const { by, question, chartSearch } = view;
  const known = useQuery(runsById(question.all, ids)).data;
  const hue = useParted(question.all, ids, chartSearch.hue);
  const dash = useParted(question.all, ids, chartSearch.dash);
  const facet = useParted(question.all, ids, chartSearch.facet);
  const live = known?.some((row) => row.status === "RUNNING") ?? false;
  const runs = useMemo(() => {
    const names = new Map(known?.map((row) => [row.run_id, shownName(row)]));
    return drawn.map(([id, place]): ChartRun => {
      const name = names.get(id) || id.slice(0, ID_SHOWN);
      return { id, place, name, dash: dash?.placeOf.get(id) };
    });
  }, [drawn, known, dash]);
  return useMemo(() => {
    if (by.length > 0) {
      const source = { grouping: { ...question.all, by: [...by] }, groups };
      return { source, facets: [], legends: [] };
    }
    const of = (place: number) => runs.filter(({ id }) => facet?.placeOf.get(id) === place);
    const names = facet?.names.slice(0, MOST_FACETS) ?? [];
    return {
      source: { runs, live },
      facets: names.map((name, place) => ({ name, source: { runs: of(place), live } })),
      legends: [
        ...(hue ? [{ kind: "hue", parted: hue } as const] : []),
        ...(dash ? [{ kind: "dash", parted: dash } as const] : []),
      ],
    };
  }, [by, question.all, groups, runs, live, facet, hue, dash]);
}

function useGroups(view: View): readonly ChartGroup[] {
  const { by, columns, question } = view;
  const { data } = useQuery({
    ...groupRuns(question.all, by, numberColumns(columns)),
    enabled: by.length > 0,
  });
  const text = JSON.stringify(
    data?.groups?.slice(0, MOST_GROUPS).map(({ values = [] }) => values) ?? [],
  );
  return useMemo(
    () =>
      (JSON.parse(text) as (string | null)[][]).map((values, place) => ({
        values,
        place,
        name: groupName(values),
      })),
    [text],
  );
}
