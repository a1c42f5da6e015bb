import { tipBox } from "@/components/chart/tip-box";
import { duration, exactTime, short } from "@/lib/format";
import type { Axis } from "./axis";
import type { Curve } from "./points";

interface Hovered {
  readonly seriesId?: string;
  readonly seriesName?: string;
  readonly color?: unknown;
  readonly value?: unknown;
  readonly dataIndex?: number;
}

const SHOWN = 12;
const NOT_NAMED = /^(raw|band):/;

/** The values under the pointer, the largest first. */
export function tip(axis: Axis, curves: readonly Curve[]) {
  const byId = new Map(curves.map((curve) => [curve.id, curve]));
  return (hovered: unknown): HTMLElement => {
    const all = Array.isArray(hovered) ? (hovered as Hovered[]) : [];
    // By another metric a run may be at one place many times: its last is told.
    const lasts = new Map(all.map((one) => [one.seriesId, one]));
    const rows = [...lasts.values()].flatMap((one) => rowOf(one, byId.get(one.seriesId ?? "")));
    rows.sort((a, b) => b.y - a.y);
    const where = placeText(axis, rows[0]?.x ?? 0);
    return tipBox(where, rows.slice(0, SHOWN), rows.length - SHOWN);
  };
}

/** A place of the axis, in words. */
export function placeText({ x, xKey }: Axis, at: number): string {
  if (xKey !== undefined) return `${xKey} ${short(at)}`;
  return x === "step" ? `step ${short(at)}` : x === "time" ? exactTime(at) : duration(at * 1_000);
}

function rowOf({ seriesId, seriesName, color, value, dataIndex = 0 }: Hovered, curve?: Curve) {
  if (!Array.isArray(value) || NOT_NAMED.test(seriesId ?? "")) return [];
  const [x, y] = value as [number, number];
  const runs = curve?.spread?.runs[dataIndex];
  const std = curve?.spread?.std[dataIndex] ?? 0;
  const more = runs === undefined ? "" : `± ${short(Number(std.toPrecision(2)))} · n ${runs}`;
  return [{ name: seriesName ?? "", colour: String(color), value: short(y), x, y, more }];
}
