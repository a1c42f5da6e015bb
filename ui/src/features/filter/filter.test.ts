import { describe, expect, test } from "vitest";
import { choicesFor, columnOfValues } from "./choices";
import { filled, gapAt } from "./completing";

const at = (text: string) => gapAt(text, text.length);

describe("what may stand at a place of a filter", () => {
  test.each([
    ["", "field", ""],
    ["met", "field", "met"],
    ["metrics.", "field", "metrics."],
    ["metrics.rm", "field", "metrics.rm"],
    ["params.`learning r", "field", "params.`learning r"],
    ["min(metrics.l", "field", "metrics.l"],
    ["not (par", "field", "par"],
    ["metrics.rmse ", "operator", ""],
    ["min(metrics.loss) ", "operator", ""],
    ["metrics.rmse not i", "operator", "i"],
    ["params.model = ", "value", ""],
    ["params.model = 'tr", "value", "'tr"],
    ["params.model IN ('a', ", "value", ""],
    ["metrics.rmse between 1 and ", "value", ""],
    ["tags.team is ", "null", ""],
    ["metrics.rmse < 1 ", "join", ""],
    ["metrics.rmse < 1 an", "join", "an"],
    ["metrics.rmse between 1 and 2 ", "join", ""],
    ["params.model IN ('a') ", "join", ""],
    ["metrics.rmse < 1 and ", "field", ""],
  ])("%j", (text, want, typed) => {
    expect(at(text)).toMatchObject({ want, typed });
  });

  test("the middle of a text is completed from what stands before it", () => {
    const text = "params.mo = 'tree'";
    expect(gapAt(text, 9)).toMatchObject({ start: 0, end: 9, want: "field" });
    expect(filled(text, gapAt(text, 9), "params.model")).toEqual({
      text: "params.model = 'tree'",
      cursor: 13,
    });
  });
});

describe("the choices", () => {
  const fields = ["attributes.start_time", "params.model", "metrics.rmse", "tags.model_kind"];

  test("fields by what they begin with, then by their key, then by anything", () => {
    const texts = choicesFor(at("mo"), fields, []).map(({ text }) => text);
    expect(texts).toEqual(["params.model", "tags.model_kind"]);
    expect(choicesFor(at("params."), fields, []).map(({ text }) => text)).toEqual(["params.model"]);
  });

  test("operators fit the kind of the field", () => {
    const numbers = choicesFor(at("metrics.rmse "), fields, []).map(({ text }) => text);
    const texts = choicesFor(at("params.model "), fields, []).map(({ text }) => text);
    expect(numbers).toContain("BETWEEN");
    expect(numbers).not.toContain("LIKE");
    expect(texts).toContain("LIKE");
    expect(texts).not.toContain("<");
  });

  test("values come quoted, and are asked for texts alone", () => {
    expect(choicesFor(at("params.model = 'o"), fields, ["o'neil"])[0]?.text).toBe("'o''neil'");
    expect(columnOfValues(at("params.model = 'o"))).toBe("params.model");
    expect(columnOfValues(at("metrics.rmse < "))).toBeUndefined();
    expect(columnOfValues(at("status = "))).toBeUndefined();
    expect(choicesFor(at("status = "), fields, [])[0]?.text).toBe("'FINISHED'");
  });
});
