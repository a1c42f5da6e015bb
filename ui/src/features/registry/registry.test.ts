import { describe, expect, it } from "vitest";
import type { Metric } from "@/lib/api-types";
import { changesOf, shareText } from "./changes";

const metric = (key: string, value: Metric["value"]) => ({ key, value, timestamp: 0, step: 0 });

describe("changes between versions", () => {
  it("puts what both have first, by name", () => {
    const found = changesOf(
      [metric("rmse", 8), metric("old", 1)],
      [metric("new", 2), metric("rmse", 6), metric("mae", 1)],
    );
    expect(found.map(({ key }) => key)).toEqual(["rmse", "mae", "new", "old"]);
    expect(found[0]).toEqual({ key: "rmse", before: 8, now: 6, share: -0.25 });
    expect(found[1]?.share).toBeUndefined();
  });

  it("says nothing of a share of nothing", () => {
    const found = changesOf(
      [metric("zero", 0), metric("nan", "NaN")],
      [metric("zero", 1), metric("nan", 2)],
    );
    expect(found.map(({ share }) => share)).toEqual([undefined, undefined]);
  });

  it("is read with its sign", () => {
    expect([0.0634, -0.037, 0].map(shareText)).toEqual(["+6.3 %", "−3.7 %", "0.0 %"]);
  });
});
