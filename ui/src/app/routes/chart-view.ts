import { useCallback, useMemo, useRef } from "react";
import { SIZES, type SizeName } from "@/components/chart/chart-size";
import { type Axis, axisUnit, readAxis, writeAxis } from "@/features/metrics/axis";
import { readOwn, writeOwn } from "@/features/metrics/layout";
import type { Window } from "@/features/metrics/points";
import { readZooms, writeZooms, zoomed } from "@/features/metrics/zooms";
import { joinFields, splitFields } from "@/lib/fields";

/** What an address says of charts. */
export interface ChartSearch {
  readonly axis?: string | undefined;
  readonly own?: string | undefined;
  readonly zoom?: string | undefined;
  readonly fold?: string | undefined;
  readonly size?: string | undefined;
}

const NONE = "none";
const FOLDED_FIRST = ["system"];

/** How the charts of a page are drawn, as its address says, and how to change it. */
export function useChartView(search: ChartSearch, change: (part: ChartSearch) => void) {
  const axis = useMemo(() => readAxis(search.axis), [search.axis]);
  const own = useMemo(() => readOwn(search.own), [search.own]);
  const zooms = useMemo(() => readZooms(search.zoom), [search.zoom]);
  const folded = useMemo(
    () => new Set(search.fold === undefined ? FOLDED_FIRST : splitFields(search.fold)),
    [search.fold],
  );
  const size: SizeName =
    search.size !== undefined && search.size in SIZES ? (search.size as SizeName) : "medium";
  const now = useRef({ axis, own, zooms, folded, change });
  now.current = { axis, own, zooms, folded, change };
  const onAxis = useCallback((next: Axis) => {
    const same = axisUnit(next) === axisUnit(now.current.axis);
    now.current.change(
      same ? { axis: writeAxis(next) } : { axis: writeAxis(next), zoom: undefined },
    );
  }, []);
  const onOwn = useCallback((title: string, next: Axis | undefined) => {
    const { axis: ofAll, own: known, zooms: shown } = now.current;
    const all = new Map(known);
    if (next) all.set(title, next);
    else all.delete(title);
    const same = axisUnit(next ?? ofAll) === axisUnit(known.get(title) ?? ofAll);
    const kept = same ? shown : zoomed(shown, title, undefined);
    now.current.change({ own: writeOwn(all), zoom: writeZooms(kept) });
  }, []);
  const onZoom = useCallback((metric: string, window: Window | undefined) => {
    now.current.change({ zoom: writeZooms(zoomed(now.current.zooms, metric, window)) });
  }, []);
  const onFold = useCallback((section: string) => {
    const next = new Set(now.current.folded);
    if (!next.delete(section)) next.add(section);
    now.current.change({ fold: joinFields([...next]) || NONE });
  }, []);
  const onSize = useCallback((name: SizeName) => {
    now.current.change({ size: name === "medium" ? undefined : name });
  }, []);
  const layout = useMemo(
    () => ({ axis, own, zooms, onZoom, onOwn }),
    [axis, own, zooms, onZoom, onOwn],
  );
  return { layout, folded, size, onAxis, onFold, onSize };
}
