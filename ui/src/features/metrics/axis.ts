/** How charts are drawn, as the address has it: `time,log,ema0.6,clip`. */
import { field, fieldText, joinFields, parseField, splitFields } from "@/lib/fields";

export const X_AXES = ["step", "relative", "time"] as const;
export type XAxis = (typeof X_AXES)[number];

export const SMOOTHINGS = ["none", "ema", "average", "gaussian"] as const;
export type SmoothingKind = (typeof SMOOTHINGS)[number];

export interface Smoothing {
  readonly kind: SmoothingKind;
  /** The weight of what came before (ema), points on both sides together (average), sigma in points (gaussian). */
  readonly amount: number;
}

export const BANDS = ["std", "range", "mean"] as const;
export type BandKind = (typeof BANDS)[number];

export interface Axis {
  readonly x: XAxis;
  /** Another metric as the axis, instead of `x`. */
  readonly xKey: string | undefined;
  readonly logX: boolean;
  readonly log: boolean;
  readonly smoothing: Smoothing;
  /** Whether outliers may lie beyond the chart. */
  readonly clip: boolean;
  /** What is drawn around the mean of a group. */
  readonly band: BandKind;
}

export const X_WORDS: Record<XAxis, string> = {
  step: "step",
  relative: "time since the start",
  time: "time of day",
};

export const BAND_WORDS: Record<BandKind, string> = {
  std: "mean ± standard deviation",
  range: "mean, min to max",
  mean: "mean alone",
};

interface Range {
  readonly word: string;
  readonly least: number;
  readonly most: number;
  readonly step: number;
  readonly usual: number;
}

export const RANGES: Record<Exclude<SmoothingKind, "none">, Range> = {
  ema: { word: "exponential average", least: 0.05, most: 0.99, step: 0.01, usual: 0.6 },
  average: { word: "running average", least: 3, most: 101, step: 2, usual: 9 },
  gaussian: { word: "Gaussian", least: 0.5, most: 30, step: 0.5, usual: 3 },
};

export const UNSMOOTHED: Smoothing = { kind: "none", amount: 0 };

/** What the charts of an axis may be compared by: the unit of their places. */
export const axisUnit = ({ x, xKey }: Axis): string => (xKey === undefined ? x : `by ${xKey}`);

export const usesTime = ({ x, xKey }: Axis): boolean => xKey === undefined && x === "time";

export function readAxis(text: string | undefined): Axis {
  const words = splitFields(text ?? "");
  const metric = words.map(parseField).find((found) => found?.kind === "metric");
  return {
    x: X_AXES.find((name) => words.includes(name)) ?? "step",
    xKey: metric?.key,
    logX: words.includes("xlog"),
    log: words.includes("log"),
    smoothing: readSmoothing(words),
    clip: words.includes("clip"),
    band: BANDS.find((name) => words.includes(name)) ?? "std",
  };
}

function readSmoothing(words: readonly string[]): Smoothing {
  for (const word of words) {
    const [, name = "", digits] = /^(ema|average|gaussian|)(\d+(?:\.\d+)?)$/.exec(word) ?? [];
    const kind = name === "" ? "ema" : (name as keyof typeof RANGES);
    const amount = Number(digits);
    if (digits !== undefined && amount > 0 && amount <= RANGES[kind].most) return { kind, amount };
  }
  return UNSMOOTHED;
}

export function writeAxis(axis: Axis): string | undefined {
  const { x, xKey, logX, log, smoothing, clip, band } = axis;
  const words = [
    x === "step" ? "" : x,
    xKey === undefined ? "" : fieldText(field("metric", xKey)),
    logX ? "xlog" : "",
    log ? "log" : "",
    smoothing.kind === "none" ? "" : `${smoothing.kind}${smoothing.amount}`,
    clip ? "clip" : "",
    band === "std" ? "" : band,
  ];
  return joinFields(words.filter(Boolean)) || undefined;
}
