import type { Real } from "./api-types";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const WHOLE = new Intl.NumberFormat("en");
const EXACT_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const SHORT_DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

export const count = (n: number): string => WHOLE.format(n);

export const counted = (n: number, noun: string): string =>
  `${count(n)} ${n === 1 ? noun : `${noun}s`}`;

export const exactTime = (ms: number): string => EXACT_TIME.format(ms);

/** How long ago, in the largest unit that says enough; beyond a month the date. */
export function ago(ms: number, now: number): string {
  const age = now - ms;
  if (age < 5 * SECOND) return "just now";
  if (age < MINUTE) return `${Math.floor(age / SECOND)} s ago`;
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`;
  if (age < DAY) return `${Math.floor(age / HOUR)} h ago`;
  if (age < 31 * DAY) return `${Math.floor(age / DAY)} d ago`;
  return SHORT_DATE.format(ms);
}

export function duration(ms: number): string {
  if (ms === 0) return "0 s";
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < HOUR) return `${(ms / MINUTE).toFixed(1)} min`;
  if (ms < DAY) return `${(ms / HOUR).toFixed(1)} h`;
  return `${(ms / DAY).toFixed(1)} d`;
}

const UNITS = ["B", "kB", "MB", "GB", "TB"];

export function bytes(n: number): string {
  const power = n < 1_000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(n) / 3));
  const value = n / 1_000 ** power;
  return `${power === 0 ? value : value.toPrecision(3)} ${UNITS[power]}`;
}

/** The number that the wire's text or number stands for. */
export const real = (value: Real): number => Number(value);

/** A number on its own: short, and exact enough to be recognised. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return infinite(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e12) return WHOLE.format(value);
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(3);
  return Number(value.toPrecision(5)).toString();
}

/** Decimals that a column of numbers between `low` and `high` needs for its values to differ. */
export function decimals(low: number, high: number): number {
  const range = high - low;
  if (!(range > 0)) return Math.min(4, (String(low).split(".")[1] ?? "").length);
  if (!Number.isFinite(range)) return 4;
  const size = Math.floor(Math.log10(range));
  return Math.min(8, Math.max(0, (size < 0 ? 2 : 3) - size));
}

/** A number of a column: all with as many decimals, so that they can be compared by eye. */
export function aligned(value: number, places: number): string {
  if (!Number.isFinite(value)) return infinite(value);
  const size = Math.abs(value);
  if (size >= 1e9 || (size > 0 && size < 10 ** -places)) return value.toExponential(2);
  const text = value.toFixed(places);
  return size < 10_000 ? text : grouped(text);
}

function grouped(text: string): string {
  const [whole = "", rest] = text.split(".");
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return rest === undefined ? spaced : `${spaced}.${rest}`;
}

function infinite(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "∞" : "−∞";
}

/** Whether a param's text is a number, and so stands with the numbers on the right. */
export const isNumeric = (text: string): boolean =>
  text.trim() !== "" && Number.isFinite(Number(text));
