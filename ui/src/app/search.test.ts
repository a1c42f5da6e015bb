import { expect, test } from "vitest";
import { readSearch, texts, writeSearch } from "./search";

test("an address is read as it was written, and may be read by people", () => {
  const search = {
    q: 'metrics.a < 1 & "x"',
    sort: "-metrics.a,params.b",
    cols: undefined,
    sel: "",
  };
  const text = writeSearch(search);
  expect(text).toBe("?q=metrics.a+%3C+1+%26+%22x%22&sort=-metrics.a,params.b");
  expect(readSearch(text)).toEqual({ q: search.q, sort: search.sort });
  expect(writeSearch({ q: undefined })).toBe("");
});

test("only known texts of an address are kept", () => {
  expect(texts("q", "sort")({ q: "x", other: "y", sort: 3 })).toEqual({ q: "x" });
});
