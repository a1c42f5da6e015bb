import { expect, test } from "vitest";
import { npyHead, safetensorsHead } from "./arrays";
import { drawingOf } from "./geojson";
import { previewOf } from "./kinds";
import { cellsOf } from "./notebook";
import { columnsOf } from "./read-table";

test.each([
  ["plots/fit.PNG", "image"],
  ["model/MLmodel", "text"],
  ["a.b/report.html", "html"],
  ["table.tsv", "table"],
  ["data/part-0.parquet", "table"],
  [".gitignore", "text"],
  ["model.bin", "none"],
  ["folder.png/weights", "none"],
])("%s is shown as %s", (path, preview) => expect(previewOf(path)).toBe(preview));

test("columns are as wide as what the first page holds, within bounds", () => {
  const columns = [
    { name: "n", type: "int64" },
    { name: "text", type: "text" },
  ];
  const rows = [
    ["1", "x".repeat(100)],
    [null, "", "beyond the head"],
  ];
  expect(columnsOf({ columns, rows })).toEqual([
    { name: "n", type: "int64", width: 6 },
    { name: "text", type: "", width: 40 },
    { name: "", type: "", width: 15 },
  ]);
});

const npy = (head: string, values: Float64Array): ArrayBuffer => {
  const text = new TextEncoder().encode(head.padEnd(117, " ").concat("\n"));
  const bytes = new Uint8Array(10 + text.length + values.byteLength);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, text.length, 0]);
  bytes.set(text, 10);
  bytes.set(new Uint8Array(values.buffer), 10 + text.length);
  return bytes.buffer;
};

test("the head of an array tells type and shape, and of a small one how its values lie", () => {
  const head = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }";
  const file = npy(head, new Float64Array([1, 2, 3, 6]));
  expect(npyHead(file)).toEqual({
    name: "",
    dtype: "<f8",
    shape: [2, 2],
    summary: { least: 1, most: 6, mean: 3 },
  });
  expect(npyHead(file.slice(0, 140))?.summary).toBeUndefined();
  expect(npyHead(new ArrayBuffer(20))).toBeUndefined();
});

test("a file of tensors lists them", () => {
  const list = {
    __metadata__: { a: "b" },
    w: { dtype: "F32", shape: [3, 4], data_offsets: [0, 48] },
  };
  const text = new TextEncoder().encode(JSON.stringify(list));
  const file = new Uint8Array(8 + text.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  expect(safetensorsHead(file.buffer)).toEqual([{ name: "w", dtype: "F32", shape: [3, 4] }]);
  expect(safetensorsHead(file.buffer.slice(0, 20))).toBeUndefined();
});

test("a notebook is read with its outputs", () => {
  const book = {
    cells: [
      { cell_type: "markdown", source: ["# Head\n", "text"] },
      {
        cell_type: "code",
        execution_count: 3,
        source: "1 / 0",
        outputs: [
          { output_type: "stream", text: ["a\n", "b"] },
          { output_type: "error", traceback: ["\u001b[31mZeroDivisionError\u001b[0m", "at 1"] },
          { output_type: "display_data", data: { "image/png": "QUJD\n", "text/plain": "x" } },
          { output_type: "execute_result", data: { "text/html": ["<b>", "</b>"] } },
        ],
      },
    ],
  };
  expect(cellsOf(JSON.stringify(book))).toEqual([
    { kind: "markdown", text: "# Head\ntext", count: undefined, outputs: [] },
    {
      kind: "code",
      text: "1 / 0",
      count: 3,
      outputs: [
        { kind: "text", text: "a\nb" },
        { kind: "error", text: "ZeroDivisionError\nat 1" },
        { kind: "image", source: "data:image/png;base64,QUJD" },
        { kind: "html", text: "<b></b>" },
      ],
    },
  ]);
  expect(cellsOf("{}")).toBeUndefined();
  expect(cellsOf("no JSON")).toBeUndefined();
});

test("geometries are laid flat about their middle, north up", () => {
  const drawing = drawingOf({
    type: "FeatureCollection",
    features: [
      { type: "Feature", geometry: { type: "Point", coordinates: [0, 60] } },
      {
        type: "Feature",
        geometry: {
          type: "LineString",
          coordinates: [
            [0, 60],
            [2, 61],
            ["x", 0],
          ],
        },
      },
      {
        type: "Feature",
        geometry: {
          type: "Polygon",
          coordinates: [
            [
              [0, 60],
              [2, 60],
              [2, 61],
              [0, 60],
            ],
          ],
        },
      },
    ],
  });
  expect(drawing?.points).toEqual([[0, 1]]);
  expect(drawing?.paths.map(({ area }) => area)).toEqual([false, true]);
  expect(drawing?.paths[1]?.d.endsWith("Z")).toBe(true);
  expect(drawing?.box[2]).toBeCloseTo(2 * Math.cos((60.5 * Math.PI) / 180));
  expect(drawingOf({ type: "FeatureCollection", features: [] })).toBeUndefined();
});
