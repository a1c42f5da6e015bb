/** Which part of each chart is shown, as the address has it: `metrics.loss@10..200`. */
import { field, fieldText, joinFields, parseField, splitFields } from "@/lib/fields";
import type { Window } from "./points";

export type Zooms = ReadonlyMap<string, Window>;

const DIGITS = 13; // a time in milliseconds is exact

export function readZooms(text: string | undefined): Zooms {
  const zooms = new Map<string, Window>();
  for (const part of splitFields(text ?? "")) {
    const [, name = "", from, to] = /^(.+)@([-\d.e+]+)\.\.([-\d.e+]+)$/.exec(part) ?? [];
    const key = parseField(name)?.key;
    const window = { from: Number(from), to: Number(to) };
    if (key !== undefined && window.from < window.to) zooms.set(key, window);
  }
  return zooms;
}

export const writeZooms = (zooms: Zooms): string | undefined =>
  joinFields(
    [...zooms].map(
      ([key, { from, to }]) => `${fieldText(field("metric", key))}@${exact(from)}..${exact(to)}`,
    ),
  ) || undefined;

const exact = (value: number): string => String(Number(value.toPrecision(DIGITS)));

/** The zooms with that of one chart put in the place of what it had. */
export function zoomed(zooms: Zooms, key: string, window: Window | undefined): Zooms {
  const next = new Map(zooms);
  if (window) next.set(key, window);
  else next.delete(key);
  return next;
}
