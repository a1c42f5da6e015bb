/** Which part of each chart is shown, as the address has it: `metrics.loss@10..200`. */
import { field, fieldText, joinFields, parseField, splitFields } from "@/lib/fields";
import { intervalText, namedInterval } from "@/lib/intervals";
import type { Window } from "./points";

export type Zooms = ReadonlyMap<string, Window>;

export function readZooms(text: string | undefined): Zooms {
  const zooms = new Map<string, Window>();
  for (const part of splitFields(text ?? "")) {
    const [name = "", window] = namedInterval(part) ?? [];
    const key = parseField(name)?.key;
    if (key !== undefined && window) zooms.set(key, window);
  }
  return zooms;
}

export const writeZooms = (zooms: Zooms): string | undefined =>
  joinFields(
    [...zooms].map(([key, part]) => `${fieldText(field("metric", key))}@${intervalText(part)}`),
  ) || undefined;

/** The zooms with that of one chart put in the place of what it had. */
export function zoomed(zooms: Zooms, key: string, window: Window | undefined): Zooms {
  const next = new Map(zooms);
  if (window) next.set(key, window);
  else next.delete(key);
  return next;
}
