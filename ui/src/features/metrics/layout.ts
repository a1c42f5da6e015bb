/** How the panels of a page are drawn, and which of them otherwise: `metrics.loss@log,ema0.6;...`. */
import { field, fieldText, parseField } from "@/lib/fields";
import { type Axis, readAxis, writeAxis } from "./axis";
import type { Window } from "./points";
import type { Zooms } from "./zooms";

export interface Layout {
  readonly axis: Axis;
  /** The panels that have an axis of their own, by title. */
  readonly own: ReadonlyMap<string, Axis>;
  readonly zooms: Zooms;
  readonly onZoom: (title: string, window: Window | undefined) => void;
  /** Gives a panel its own axis, or that of all. */
  readonly onOwn: (title: string, axis: Axis | undefined) => void;
}

const PARTS = /(?:`(?:[^`]|``)*`|[^;`])+/g;
const PART = /^((?:`(?:[^`]|``)*`|[^@`])+)@(.*)$/s;
const PLAIN = "step"; // an axis that is as all are at first has words too

export function readOwn(text: string | undefined): Map<string, Axis> {
  const own = new Map<string, Axis>();
  for (const part of text?.match(PARTS) ?? []) {
    const [, name = "", words] = PART.exec(part) ?? [];
    const title = parseField(name)?.key;
    if (title !== undefined) own.set(title, readAxis(words));
  }
  return own;
}

export const writeOwn = (own: ReadonlyMap<string, Axis>): string | undefined =>
  [...own]
    .map(([title, axis]) => `${fieldText(field("metric", title))}@${writeAxis(axis) ?? PLAIN}`)
    .join(";") || undefined;
