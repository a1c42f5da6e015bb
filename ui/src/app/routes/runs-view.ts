import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState } from "react";
import { rememberColumns, rememberedColumns } from "@/features/runs/choices";
import {
  arranged,
  type Column,
  columnText,
  defaultColumns,
  isAsked,
  NEWEST_FIRST,
} from "@/features/runs/columns";
import { type Order, orderBy, orderText, parseOrders } from "@/features/runs/order";
import { readSelection, type Selection, writeSelection } from "@/features/runs/selection";
import { ACTIVE, DELETED, type RunTableQuestion, runCount } from "@/features/runs/tabulate-runs";
import type { Columns } from "@/lib/api-types";
import { joinFields, splitFields } from "@/lib/fields";
import { readSearch, writeSearch } from "../search";

const route = getRouteApi("/experiments/$experimentId");
const NO_COLUMNS = "none";
/** Where charts stand: beside the table, in most of the page, nowhere. */
export const CHARTS = ["beside", "wide", "off"] as const;
const TOP_LEVEL = "attributes.parent_run_id IS NULL";

/** What the address says of the table, and how to change it. */
export function useRunsView(experimentIds: readonly string[], known: Columns | undefined) {
  const place = experimentIds.join();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (part: Partial<typeof search>, push = false) =>
      navigate({ search: (old) => ({ ...old, ...part }), replace: !push }),
    [navigate],
  );
  const { q: filter = "", sort = NEWEST_FIRST } = search;
  const deleted = search.state === "deleted";
  const nested = search.nested !== "off";
  const [remembered, setRemembered] = useState(() => rememberedColumns(place));
  const cols = search.cols ?? remembered;
  const several = experimentIds.length > 1;
  const columns = useMemo(
    () => arranged(cols === undefined ? defaultColumns(known, several) : splitFields(cols)),
    [cols, known, several],
  );
  const orders = useMemo(() => parseOrders(splitFields(sort)), [sort]);
  const ready = cols !== undefined || known !== undefined;
  const question = useQuestion(experimentIds, { filter, deleted, nested }, orders, columns);
  const choose = (texts: readonly string[] | undefined) => {
    const text = texts && (joinFields(texts) || NO_COLUMNS);
    rememberColumns(place, text);
    setRemembered(text);
    change({ cols: text });
  };
  const onColumns = (ids: readonly string[] | undefined) => {
    const known = new Map(columns.map((column) => [column.id, columnText(column)]));
    choose(ids?.map((id) => known.get(id) ?? id));
  };
  const onArrange = (next: readonly Column[]) =>
    choose(arranged(next.map(columnText)).map(columnText));
  // What of the address is a matter of the moment belongs to no view.
  const { sel: _sel, open: _open, ...kept } = search;
  return {
    text: writeSearch({ ...kept, cols }),
    show: (text: string) => navigate({ search: readSearch(text) }),
    ...{ filter, deleted, nested, columns, orders, ready, question, change, onColumns, onArrange },
    chartSearch: search,
    panels: search.panels ?? "",
    by: useMemo(() => splitFields(search.by ?? ""), [search.by]),
    groupSort: search.gsort ?? "-count",
    charts: CHARTS.find((one) => one === search.charts) ?? "beside",
    open: useMemo(() => (search.open ? search.open.split(",") : []), [search.open]),
    selection: useSelection(search.sel, (sel) => change({ sel })),
    onOrders: (next: readonly Order[]) =>
      change({ sort: joinFields(next.map(orderText)) || NEWEST_FIRST }),
  };
}

interface Which {
  readonly filter: string;
  readonly deleted: boolean;
  readonly nested: boolean;
}

/** Objects that stay the same while what they ask stays the same. */
function useQuestion(
  experimentIds: readonly string[],
  { filter, deleted, nested }: Which,
  orders: readonly Order[],
  columns: readonly Column[],
) {
  // A filter looks at every run, and a deleted child has a parent that is not; else the table begins
  // with the runs that have no parent.
  const wanted = nested && filter === "" && !deleted;
  const all = useMemo(
    () => ({
      experiment_ids: [...experimentIds],
      filter: filter || undefined,
      run_view_type: deleted ? DELETED : ACTIVE,
    }),
    [experimentIds, filter, deleted],
  );
  const top = useMemo(() => ({ ...all, filter: TOP_LEVEL }), [all]);
  // The table counts its own runs once its rows are there; from then on this keeps that up to date.
  const counted = useQuery({
    ...runCount(top),
    enabled: (query) => wanted && query.state.data !== undefined,
  });
  // Children whose parents are all gone would be nowhere.
  const topLevel = wanted && counted.data !== 0;
  const runs = topLevel ? top : all;
  const order_by = useMemo(() => orders.map(orderBy), [orders]);
  const asked = columns
    .filter(isAsked)
    .map(({ id }) => id)
    .sort();
  const text = joinFields(asked);
  const table: RunTableQuestion = useMemo(
    () => ({ runs, order_by, columns: splitFields(text) }),
    [runs, order_by, text],
  );
  return { table, all, topLevel };
}

/** In the address while it is short enough for one; else only here. */
function useSelection(text: string | undefined, tell: (sel: string | undefined) => void) {
  const [selection, setSelection] = useState<Selection>(() => readSelection(text));
  const written = writeSelection(selection);
  // biome-ignore lint/correctness/useExhaustiveDependencies: see within
  useEffect(() => {
    if (text !== written && text !== undefined) setSelection(readSelection(text));
    // Only an address that changed by itself, such as by going back, is taken over.
  }, [text]);
  const select = (next: Selection) => {
    setSelection(next);
    tell(writeSelection(next));
  };
  return [selection, select] as const;
}
