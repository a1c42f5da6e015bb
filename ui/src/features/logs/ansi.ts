/** A piece of a line in one look; colours are the names of the sixteen that the scheme has. */
export interface Piece {
  readonly text: string;
  readonly fg?: number;
  readonly bg?: number;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
}
type Look = Omit<Piece, "text">;

// A colour, or any other control sequence, which shows nothing.
const SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /\x1b\[([\d;:]*)m|\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])|[\x00-\x08\x0b-\x1f\x7f]/g;

/** What a terminal would show of a line: pieces with their looks. */
export function ansiPieces(line: string): Piece[] {
  const pieces: Piece[] = [];
  let look: Look = {};
  let from = 0;
  const add = (to: number) => {
    if (to > from) pieces.push({ ...look, text: line.slice(from, to) });
  };
  for (const found of line.matchAll(SEQUENCE)) {
    add(found.index);
    from = found.index + found[0].length;
    if (found[1] !== undefined) look = changed(look, found[1].split(/[;:]/).map(Number));
  }
  add(line.length);
  return pieces;
}

/** The line without its control sequences. */
export const plain = (line: string): string => line.replace(SEQUENCE, "");

const SIMPLE: Record<number, Look> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  39: { fg: undefined },
  49: { bg: undefined },
};

function changed(before: Look, codes: number[]): Look {
  let look = before;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 0) look = {};
    else if (code === 38 || code === 48) {
      const [colour, read] = extended(codes.slice(i + 1));
      look = { ...look, [code === 38 ? "fg" : "bg"]: colour };
      i += read;
    } else look = { ...look, ...(SIMPLE[code] ?? sixteen(code)) };
  }
  return look;
}

function sixteen(code: number): Look {
  if (code >= 30 && code <= 37) return { fg: code - 30 };
  if (code >= 90 && code <= 97) return { fg: code - 82 };
  if (code >= 40 && code <= 47) return { bg: code - 40 };
  if (code >= 100 && code <= 107) return { bg: code - 92 };
  return {};
}

/** A colour of the table of 256 or of three bytes, as the nearest that is legible; and how many codes it took. */
function extended([kind, ...rest]: number[]): [number | undefined, number] {
  if (kind === 2) {
    const [r = 0, g = 0, b = 0] = rest;
    return [nearest(r, g, b), 4];
  }
  const [n = 0] = rest;
  if (kind !== 5) return [undefined, 0];
  if (n < 16) return [n, 2];
  if (n > 231) return [nearest((n - 232) * 10, (n - 232) * 10, (n - 232) * 10), 2];
  const level = (by: number) => (Math.floor((n - 16) / by) % 6) * 51;
  return [nearest(level(36), level(6), level(1)), 2];
}

const BRIGHT = 170;
const GREY = 40;

function nearest(r: number, g: number, b: number): number {
  const most = Math.max(r, g, b);
  const least = Math.min(r, g, b);
  if (most - least < GREY) return most > 200 ? 15 : most > 110 ? 7 : most > 50 ? 8 : 0;
  const middle = (most + least) / 2;
  const hue = Number(r > middle) + 2 * Number(g > middle) + 4 * Number(b > middle);
  return hue + (most > BRIGHT && least > GREY ? 8 : 0);
}
