import { describe, expect, test } from "vitest";
import { ago, aligned, bytes, counted, decimals, duration, isNumeric, real, short } from "./format";

describe("numbers", () => {
  test.each([
    [0, "0"],
    [1284, "1,284"],
    [0.1, "0.1"],
    [0.77069312, "0.77069"],
    [0.000012345, "1.234e-5"],
    [12345678.9, "1.235e+7"],
    [real("NaN"), "NaN"],
    [real("-Infinity"), "−∞"],
  ])("%d alone is %s", (value, text) => expect(short(value)).toBe(text));

  test("a column has as many decimals as its values need to differ", () => {
    expect(decimals(8.1, 12)).toBe(3);
    expect(decimals(0.74, 0.82)).toBe(4);
    expect(decimals(100, 900)).toBe(1);
    expect([5, 0.7, 1 / 3].map((value) => decimals(value, value))).toEqual([0, 1, 4]);
  });

  test.each([
    [8.4123, 3, "8.412"],
    [123456.789, 1, "123,456.8"],
    [0.00004, 3, "4.00e-5"],
    [0, 3, "0.000"],
    [Number.POSITIVE_INFINITY, 3, "∞"],
  ])("%d with %d decimals is %s", (value, places, text) =>
    expect(aligned(value, places)).toBe(text),
  );

  test("only what is wholly a number stands with the numbers", () => {
    expect(["0.1", "1e-3", " 7 ", "", "tree", "1,5", "0x1f"].map(isNumeric)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      true,
    ]);
  });
});

test("sizes are in the unit that leaves three digits", () => {
  expect([0, 999, 1_000, 12_400_000].map(bytes)).toEqual(["0 B", "999 B", "1.00 kB", "12.4 MB"]);
});

test("a count says its noun in the right number", () => {
  expect([0, 1, 1284].map((n) => counted(n, "run"))).toEqual(["0 runs", "1 run", "1,284 runs"]);
});

test("times are told in the largest unit that says enough", () => {
  const now = 1_800_000_000_000;
  const told = [1, 40, 130, 8_000, 200_000].map((s) => ago(now - s * 1_000, now));
  expect(told).toEqual(["just now", "40 s ago", "2 min ago", "2 h ago", "2 d ago"]);
  expect([12, 4_200, 90_000, 9_000_000].map(duration)).toEqual([
    "12 ms",
    "4.2 s",
    "1.5 min",
    "2.5 h",
  ]);
});
