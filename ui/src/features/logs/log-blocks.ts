/** A file of lines, read in blocks: a block's lines are those that begin in it. */

export const BLOCK_BYTES = 64 * 1024;
/** Read beyond a block's end, for the end of its last line; what is longer is cut. */
export const LONGEST_BYTES = 16 * 1024;

const NEWLINE = 10;
const GUESSED_LINE = 80;

/** The bytes to be read for blocks `[first, last]`: one before, to see whether a line begins there. */
export const bytesOf = (first: number, last: number): [number, number] => [
  Math.max(0, first * BLOCK_BYTES - 1),
  (last + 1) * BLOCK_BYTES + LONGEST_BYTES,
];

/** The lines that begin in `block`, of bytes of the file that begin at `offset`. */
export function linesOf(data: Uint8Array, offset: number, block: number): string[] {
  const end = (block + 1) * BLOCK_BYTES - offset;
  let at = block === 0 ? -offset : after(data, block * BLOCK_BYTES - 1 - offset);
  const lines: string[] = [];
  const decoder = new TextDecoder();
  while (at < Math.min(end, data.length)) {
    const next = after(data, at);
    const stop = data[next - 1] === NEWLINE ? next - 1 : next;
    lines.push(lastWritten(decoder.decode(data.subarray(at, stop))));
    at = next;
  }
  return lines;
}

function after(data: Uint8Array, at: number): number {
  const found = data.indexOf(NEWLINE, at);
  return found < 0 ? data.length : found + 1;
}

/** What stands on a line that was written over, as progress bars do. */
function lastWritten(line: string): string {
  const text = line.replace(/\r+$/, "");
  return text.slice(text.lastIndexOf("\r") + 1);
}

/** Where each block's first line stands among all, with the lines of blocks that are not read guessed. */
export interface Layout {
  readonly starts: readonly number[];
  readonly total: number;
}

export function layOut(size: number, known: ReadonlyMap<number, number>): Layout {
  const blocks = Math.ceil(size / BLOCK_BYTES);
  const sum = [...known.values()].reduce((total, one) => total + one, 0);
  const guess =
    sum > 0 ? Math.max(1, Math.round(sum / known.size)) : Math.ceil(BLOCK_BYTES / GUESSED_LINE);
  const starts: number[] = [];
  let total = 0;
  for (let block = 0; block < blocks; block++) {
    starts.push(total);
    const share = Math.min(1, size / BLOCK_BYTES - block);
    total += known.get(block) ?? Math.ceil(guess * share);
  }
  return { starts, total };
}

/** The block of a line, by its place among all. */
export function blockAt({ starts }: Layout, line: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= line) low = middle;
    else high = middle - 1;
  }
  return low;
}
