/** How charts are drawn, as the address has it: `time,log,0.6`. */

export const X_AXES = ["step", "relative", "time"] as const;
export type XAxis = (typeof X_AXES)[number];

export const SMOOTHINGS = [0, 0.3, 0.6, 0.9, 0.97] as const;

export interface Axis {
  readonly x: XAxis;
  readonly log: boolean;
  readonly smoothing: number;
}

export const X_WORDS: Record<XAxis, string> = {
  step: "step",
  relative: "time since the start",
  time: "time of day",
};

export function readAxis(text: string | undefined): Axis {
  const words = text?.split(",") ?? [];
  const smoothing = Number(words.find((word) => /^0\.\d+$/.test(word)) ?? 0);
  return {
    x: X_AXES.find((name) => words.includes(name)) ?? "step",
    log: words.includes("log"),
    smoothing,
  };
}

export function writeAxis({ x, log, smoothing }: Axis): string | undefined {
  const words = [x === "step" ? "" : x, log ? "log" : "", smoothing > 0 ? String(smoothing) : ""];
  return words.filter(Boolean).join(",") || undefined;
}
