import type { Palette } from "@/components/chart/palette";
import { COLOURS } from "@/lib/colours";
import { categories, named, type Values } from "./run-values";

/** Which colour each run has, and what the colours say. */
export interface Colouring {
  readonly of: (index: number) => string;
  readonly legend: Legend | undefined;
}

export type Legend =
  | { readonly kind: "scale"; readonly field: string; readonly low: number; readonly high: number }
  | { readonly kind: "categories"; readonly field: string; readonly names: readonly string[] };

/** What colours that go by a field say. */
export function legendOf(by: Values | undefined): Legend | undefined {
  if (!by) return undefined;
  if (!by.numeric) return { kind: "categories", field: by.field, names: categories(by) };
  const [low, high] = extent(by.numbers);
  return { kind: "scale", field: by.field, low, high };
}

/** By a field; without one each run has its own colour in the table, where any has one. */
export function colouring(
  by: Values | undefined,
  ids: readonly string[],
  colours: ReadonlyMap<string, number>,
  palette: Palette,
): Colouring {
  const legend = legendOf(by);
  const series = (place: number) => palette.series[place % COLOURS] ?? palette.faint;
  if (!by || !legend) {
    const of = (i: number) => {
      const place = colours.get(ids[i] ?? "");
      if (place !== undefined) return series(place);
      return colours.size > 0 ? palette.faint : palette.accent;
    };
    return { of, legend };
  }
  if (legend.kind === "categories") {
    const places = new Map(legend.names.map((name, place) => [name, place]));
    return { of: (i) => series(places.get(named(by.texts[i])) ?? 0), legend };
  }
  const { low, high } = legend;
  const of = (i: number) => {
    const value = by.numbers[i] ?? Number.NaN;
    if (!Number.isFinite(value)) return palette.rest;
    return scaled(high > low ? (value - low) / (high - low) : 0.5, palette.scale);
  };
  return { of, legend };
}

export function extent(values: readonly number[]): readonly [number, number] {
  const finite = values.filter(Number.isFinite);
  return [
    finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  ];
}

/** A colour of a scale, 0 to 1. */
export function scaled(part: number, scale: readonly string[]): string {
  const at = Math.min(1, Math.max(0, part)) * (scale.length - 1);
  const low = channels(scale[Math.floor(at)] ?? "#000000");
  const high = channels(scale[Math.ceil(at)] ?? "#000000");
  const mixed = low.map((value, i) =>
    Math.round(value + ((high[i] ?? value) - value) * (at - Math.floor(at))),
  );
  return `rgb(${mixed.join(", ")})`;
}

const channels = (hex: string): number[] =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
