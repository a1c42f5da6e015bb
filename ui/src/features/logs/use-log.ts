import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { blockAt, type Layout, layOut } from "./log-blocks";
import { type LogFile, logBlock, logKey, logState, type Match } from "./read-log";

export const LINE_PX = 18;
const BEYOND = 20;
const FEW_PX = 2 * LINE_PX;

export type Place = Pick<Match, "block" | "line">;

/** A file's lines in a scroller, from `place` on: only the blocks of those on the screen are read. */
export function useLog(
  file: LogFile,
  scroller: RefObject<HTMLDivElement | null>,
  place: Place | undefined,
) {
  const state = useQuery(logState(file));
  useReadAgain(file, state.data?.etag);
  const [counts, setCounts] = useState<ReadonlyMap<number, number>>(new Map());
  const size = state.data?.size ?? 0;
  const layout = useMemo(() => layOut(size, counts), [size, counts]);
  const rows = useVirtualizer({
    count: layout.total,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    overscan: BEYOND,
  });
  const items = rows.getVirtualItems();
  const first = items.length > 0 ? blockAt(layout, items[0]?.index ?? 0) : 0;
  const last = items.length > 0 ? blockAt(layout, items.at(-1)?.index ?? 0) : -1;
  const read = useQueries({
    queries: Array.from({ length: last - first + 1 }, (_, i) => logBlock(file, first + i)),
  });
  useEffect(() => {
    const fresh = read.flatMap(({ data }, i): [number, number][] =>
      data && counts.get(first + i) !== data.length ? [[first + i, data.length]] : [],
    );
    if (fresh.length > 0) setCounts(new Map([...counts, ...fresh]));
  }, [read, first, counts]);
  const lineAt = (index: number): string | undefined => {
    const block = blockAt(layout, index);
    return read[block - first]?.data?.[index - (layout.starts[block] ?? 0)];
  };
  return {
    ...useScrolling(scroller, layout, counts, file.live, place),
    error: state.error ?? read.find(({ error }) => error)?.error ?? null,
    size: state.data?.size,
    height: rows.getTotalSize(),
    items,
    lineAt,
    indexOf: ({ block, line }: Place): number => (layout.starts[block] ?? 0) + line,
  };
}

/** When the file is another version, what is on the screen is read again, and the rest once it comes there. */
function useReadAgain(file: LogFile, etag: string | undefined) {
  const queries = useQueryClient();
  const [name, runId, path] = logKey(file);
  const known = useRef(etag);
  useEffect(() => {
    if (known.current !== undefined && known.current !== etag) {
      queries.invalidateQueries({ queryKey: [name, runId, path] });
    }
    known.current = etag;
  }, [queries, name, runId, path, etag]);
}

/** Keeps the same lines on the screen while others come to be known, or the end, or a line that was asked for. */
function useScrolling(
  scroller: RefObject<HTMLDivElement | null>,
  layout: Layout,
  counts: ReadonlyMap<number, number>,
  live: boolean,
  from: Place | undefined,
) {
  const [following, follow] = useState(live && !from);
  const [wanted, want] = useState(from);
  const before = useRef({ layout, counts, top: 0, height: 0 });
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const place = anchor(box.scrollTop, box.clientHeight, before.current);
    if (wanted) box.scrollTop = topOf(layout, wanted) - box.clientHeight / 3;
    else if (following) box.scrollTop = box.scrollHeight;
    else if (place) box.scrollTop = topOf(layout, place) + place.rest;
    if (wanted && layout.total > 0 && counts.has(wanted.block)) want(undefined);
    before.current = { layout, counts, top: box.scrollTop, height: box.scrollHeight };
  }, [scroller, layout, counts, following, wanted]);
  const onScroll = () => {
    const box = scroller.current;
    if (!box) return;
    const { top, height } = before.current;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < FEW_PX;
    // A scroller that changes its height moves by itself, which is nobody's wish.
    if (atEnd) follow(live);
    else if (box.scrollTop < top && box.scrollHeight === height) follow(false);
    before.current = { ...before.current, top: box.scrollTop, height: box.scrollHeight };
  };
  return { following, follow, onScroll };
}

const topOf = ({ starts }: Layout, { block, line }: Place): number =>
  ((starts[block] ?? 0) + line) * LINE_PX;

/** The first line on the screen that is known, and how much of it is above. */
function anchor(
  top: number,
  height: number,
  { layout, counts }: { layout: Layout; counts: ReadonlyMap<number, number> },
): (Place & { rest: number }) | undefined {
  for (let index = Math.floor(top / LINE_PX); index * LINE_PX < top + height; index++) {
    const block = blockAt(layout, index);
    if (!counts.has(block)) continue;
    const line = index - (layout.starts[block] ?? 0);
    return { block, line, rest: top - index * LINE_PX };
  }
  return undefined;
}
