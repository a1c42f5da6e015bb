import { expect, test } from "vitest";
import { ansiPieces, plain } from "./ansi";
import { BLOCK_BYTES, blockAt, bytesOf, layOut, linesOf } from "./log-blocks";

test("a line is shown as a terminal would", () => {
  expect(ansiPieces("\x1b[1;31mred\x1b[0m\x1b[K plain")).toEqual([
    { text: "red", bold: true, fg: 1 },
    { text: " plain" },
  ]);
  expect(ansiPieces("\x1b[38;5;196ma\x1b[48;2;0;0;255mb\x1b[39mc")).toEqual([
    { text: "a", fg: 1 },
    { text: "b", fg: 1, bg: 4 },
    { text: "c", fg: undefined, bg: 4 },
  ]);
  expect(plain("\x1b]0;title\x07\x1b[32mgreen\x1b[m")).toBe("green");
});

test("each line of a file is in one block, wherever the blocks are cut", () => {
  const lines = Array.from({ length: 9_000 }, (_, n) => `${n} ${"ä".repeat(n % 40)}`);
  const data = new TextEncoder().encode(lines.join("\n"));
  const blocks = Math.ceil(data.length / BLOCK_BYTES);
  const read = Array.from({ length: blocks }, (_, block) => {
    const [start, end] = bytesOf(block, block);
    return linesOf(data.subarray(start, end), start, block);
  });
  expect(blocks).toBeGreaterThan(5);
  expect(read.flat()).toEqual(lines);
});

test("a line that was written over is what it was at last", () => {
  const data = new TextEncoder().encode("10%\r50%\r100%\r\nnext\n");
  expect(linesOf(data, 0, 0)).toEqual(["100%", "next"]);
});

test("what is not read yet is guessed, and counts as whole lines", () => {
  const layout = layOut(3 * BLOCK_BYTES, new Map([[1, 10]]));
  expect(layout).toEqual({ starts: [0, 10, 20], total: 30 });
  expect([0, 9, 10, 29].map((line) => blockAt(layout, line))).toEqual([0, 0, 1, 2]);
  expect(Number.isInteger(layOut(100, new Map()).total)).toBe(true);
  expect(layOut(0, new Map()).total).toBe(0);
});
