import type { Metric } from "@/lib/api-types";
import { real } from "@/lib/format";

export interface Change {
  readonly key: string;
  readonly before: number | undefined;
  readonly now: number | undefined;
  /** By how much of itself the value changed; `undefined` where that says nothing. */
  readonly share: number | undefined;
}

/** The latest metrics of two versions side by side: what both have first, then the rest. */
export function changesOf(before: readonly Metric[], now: readonly Metric[]): Change[] {
  const old = new Map(before.map((one) => [one.key, real(one.value)]));
  const young = new Map(now.map((one) => [one.key, real(one.value)]));
  const keys = [...new Set([...young.keys(), ...old.keys()])].sort();
  const changes = keys.map((key) => {
    const [b, n] = [old.get(key), young.get(key)];
    const share = b && n !== undefined && Number.isFinite(b) ? (n - b) / Math.abs(b) : undefined;
    return { key, before: b, now: n, share };
  });
  const both = (one: Change): boolean => one.before !== undefined && one.now !== undefined;
  return [...changes.filter(both), ...changes.filter((one) => !both(one))];
}

/** A share as it is read: with its sign, to a tenth of a percent. */
export const shareText = (share: number): string =>
  `${share > 0 ? "+" : share < 0 ? "−" : ""}${Math.abs(share * 100).toFixed(1)} %`;
