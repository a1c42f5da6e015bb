import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { COLOURS } from "./colours";

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

// Machado, Oliveira and Fernandes (2009), severity 1: linear RGB as each kind of vision has it.
const VISIONS: Record<string, Matrix> = {
  trichromat: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanope: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranope: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanope: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};
// Linear RGB to the cones of OKLab, and their cube roots to OKLab.
const CONES: Matrix = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
];
const LAB: Matrix = [
  [0.2104542553, 0.793617785, -0.0040720468],
  [1.9779984951, -2.428592205, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.808675766],
];

const CSS = readFileSync("src/app/tokens.css", "utf8").split("[data-mantine-color-scheme=");
const schemes = { light: CSS[0] ?? "", dark: CSS[1] ?? "" };

const linear = (hex: string): Triple =>
  [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as unknown as Triple;

const times = (matrix: Matrix, [x, y, z]: Triple): Triple =>
  matrix.map(([a, b, c]) => a * x + b * y + c * z) as unknown as Triple;

const lab = (rgb: Triple): Triple =>
  times(LAB, times(CONES, rgb).map((c) => Math.cbrt(Math.max(0, c))) as unknown as Triple);

const named = (css: string, name: string): string =>
  new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(css)?.[1] ?? "";

const luminance = (hex: string): number => {
  const [r, g, b] = linear(hex);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
};

for (const [scheme, css] of Object.entries(schemes)) {
  const series = Array.from({ length: COLOURS }, (_, i) => named(css, `c${i + 1}`));

  test.each(Object.keys(VISIONS))(`the ${scheme} series are far apart for a %s`, (vision) => {
    const matrix = VISIONS[vision] as Matrix;
    const seen = series.map((hex) => lab(times(matrix, linear(hex))));
    const distances = seen.flatMap((a, i) =>
      seen.slice(i + 1).map((b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])),
    );
    expect(Math.min(...distances)).toBeGreaterThan(0.1);
  });

  test(`the ${scheme} series are visible on the panel`, () => {
    const panel = luminance(named(css, "panel"));
    for (const hex of series) {
      const [low = 0, high = 0] = [luminance(hex), panel].sort((a, b) => a - b);
      expect(high / low).toBeGreaterThan(3);
    }
  });
}
