import { expect, test } from "vitest";
import { cells, previewOf } from "./kinds";

test.each([
  ["plots/fit.PNG", "image"],
  ["model/MLmodel", "text"],
  ["a.b/report.html", "html"],
  ["table.tsv", "table"],
  [".gitignore", "text"],
  ["model.bin", "none"],
  ["folder.png/weights", "none"],
])("%s is shown as %s", (path, preview) => expect(previewOf(path)).toBe(preview));

test("delimited text is read with its quotes", () => {
  const text = 'a,b\r\n"x, ""y""\nz",2\n,last';
  expect(cells(text, ",", 10)).toEqual([
    ["a", "b"],
    ['x, "y"\nz', "2"],
    ["", "last"],
  ]);
  expect(cells(text, ",", 1)).toEqual([["a", "b"]]);
});
