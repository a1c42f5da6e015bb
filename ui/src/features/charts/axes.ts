import type { Palette } from "@/components/chart/palette";
import { duration, exactTime, short } from "@/lib/format";
import { label } from "./chart-spec";
import { categories, named, type Values } from "./run-values";

const DIGITS = 4;
const SMALL = 1e-3;

/** A value of a field as it is told. */
export function told(field: string, value: number | string): string {
  if (typeof value === "string") return value;
  if (field === "attributes.start_time") return exactTime(value);
  if (field === "attributes.duration") return duration(value * 1_000);
  return short(value);
}

/** What the axis of a field is given for a run: a number, a text, or nothing. */
export const placed = (values: Values, i: number): number | string =>
  values.numeric ? finite(values.numbers[i]) : named(values.texts[i]);

const finite = (value: number | undefined): number | string =>
  value !== undefined && Number.isFinite(value) ? value : "-";

/** How an axis of a canvas looks and what it says. */
export function axisOf(values: Values, log: boolean, palette: Palette) {
  const text = { color: palette.faint, fontSize: 10, fontFamily: palette.font };
  const rounded = (value: number | string) => tick(values.field, value);
  const time = values.field === "attributes.start_time";
  return {
    type: time ? "time" : values.numeric ? (log ? "log" : "value") : "category",
    ...(values.numeric ? { scale: true } : { data: categories(values) }),
    name: label(values.field),
    nameTextStyle: text,
    axisLabel: { ...text, hideOverlap: true, ...(time ? {} : { formatter: rounded }) },
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: palette.line } },
    splitNumber: 4,
  };
}

function tick(field: string, value: number | string): string {
  if (typeof value === "string") return value;
  const near = Number(value.toPrecision(DIGITS));
  // Of a power of ten that is all there is to say.
  return near !== 0 && Math.abs(near) < SMALL ? near.toExponential() : told(field, near);
}

export const GRID = {
  left: 8,
  right: 14,
  top: 10,
  bottom: 4,
  outerBoundsMode: "same",
  outerBoundsContain: "all",
} as const;

/** The names of both axes where they take no room from the other: below, and along the side. */
export const X_NAME = { nameLocation: "middle", nameGap: 20 } as const;
export const Y_NAME = { nameLocation: "middle", nameGap: 34, nameRotate: 90 } as const;
