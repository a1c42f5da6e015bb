import { describe, expect, test } from "vitest";
import { field, fieldText, joinFields, matcher, parseField, splitFields } from "./fields";

const CASES = [
  [field("metric", "rmse"), "metrics.rmse"],
  [field("metric", "val/loss", "min"), "min(metrics.val/loss)"],
  [field("param", "learning rate"), "params.`learning rate`"],
  [field("tag", "a`b,c"), "tags.`a``b,c`"],
  [field("attribute", "start_time"), "attributes.start_time"],
] as const;

describe("a field and its text", () => {
  test.each(CASES)("%o is written %s", (of, text) => expect(fieldText(of)).toBe(text));
  test.each(CASES)("%o is read from %s", (of, text) => expect(parseField(text)).toEqual(of));
  test.each(["", "rmse", "metric.rmse", "params."])("%j is no field", (text) =>
    expect(parseField(text)).toBeUndefined(),
  );
});

test("fields stand in one text, also those with a comma in their name", () => {
  const texts = CASES.map(([, text]) => text);
  expect(splitFields(joinFields(texts))).toEqual(texts);
  expect(splitFields("")).toEqual([]);
});

test("a pattern is text, a glob, or an expression between slashes", () => {
  const names = ["loss", "val_loss", "val_acc", "a.b"];
  const found = (pattern: string) => names.filter(matcher(pattern));
  expect(found("LOSS")).toEqual(["loss", "val_loss"]);
  expect(found("val_*")).toEqual(["val_loss", "val_acc"]);
  expect(found("?oss")).toEqual(["loss"]);
  expect(found("/^val_(acc|f1)$/")).toEqual(["val_acc"]);
  expect(found(".")).toEqual(["a.b"]);
  expect(found("/(/")).toEqual([]);
  expect(found("")).toEqual(names);
});
