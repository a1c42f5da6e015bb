import { duration, exactTime, short } from "@/lib/format";
import type { Axis } from "./axis";
import styles from "./line-chart.module.css";

interface Hovered {
  readonly seriesId?: string;
  readonly seriesName?: string;
  readonly color?: unknown;
  readonly value?: unknown;
}

const SHOWN = 12;

/** The values under the pointer, the largest first. Built as elements: names are texts, never markup. */
export function tip({ x }: Axis) {
  return (hovered: unknown): HTMLElement => {
    const rows = (Array.isArray(hovered) ? (hovered as Hovered[]) : []).flatMap(rowOf);
    rows.sort((a, b) => b.y - a.y);
    const at = rows[0]?.x ?? 0;
    const where =
      x === "step" ? `step ${short(at)}` : x === "time" ? exactTime(at) : duration(at * 1_000);
    const box = element("div", styles.tip);
    box.append(element("div", styles.where, where));
    for (const { name, colour, y } of rows.slice(0, SHOWN)) {
      const row = element("div", styles.row);
      const dot = element("i", styles.dot);
      dot.style.background = colour;
      row.append(dot, element("span", styles.name, name), element("b", styles.value, short(y)));
      box.append(row);
    }
    if (rows.length > SHOWN)
      box.append(element("div", styles.where, `${rows.length - SHOWN} more`));
    return box;
  };
}

function rowOf({ seriesId, seriesName, color, value }: Hovered) {
  if (!Array.isArray(value) || seriesId?.endsWith(" raw")) return [];
  const [x, y] = value as [number, number];
  return [{ name: seriesName ?? "", colour: String(color), x, y }];
}

function element(tag: string, className: string | undefined, text = ""): HTMLElement {
  const made = document.createElement(tag);
  made.className = className ?? "";
  made.textContent = text;
  return made;
}
