/** An array in a file, as its head tells it. */
export interface ArrayHead {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Of the values, where all of them are here. */
  readonly summary?: Summary;
}

export interface Summary {
  readonly least: number;
  readonly most: number;
  readonly mean: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
type Reader = (data: DataView, at: number) => number;
const READERS: Record<string, [number, Reader]> = {
  f4: [4, (data, at) => data.getFloat32(at, true)],
  f8: [8, (data, at) => data.getFloat64(at, true)],
  i1: [1, (data, at) => data.getInt8(at)],
  i2: [2, (data, at) => data.getInt16(at, true)],
  i4: [4, (data, at) => data.getInt32(at, true)],
  i8: [8, (data, at) => Number(data.getBigInt64(at, true))],
  u1: [1, (data, at) => data.getUint8(at)],
  u2: [2, (data, at) => data.getUint16(at, true)],
  u4: [4, (data, at) => data.getUint32(at, true)],
  u8: [8, (data, at) => Number(data.getBigUint64(at, true))],
};

/** The array in the beginning of a `.npy` file (NumPy's NEP 1); `undefined` for what is none. */
export function npyHead(bytes: ArrayBuffer): ArrayHead | undefined {
  const data = new DataView(bytes);
  if (bytes.byteLength < 12 || MAGIC.some((byte, i) => data.getUint8(i) !== byte)) return undefined;
  const long = data.getUint8(6) > 1;
  const start = long ? 12 : 10;
  const end = start + (long ? data.getUint32(8, true) : data.getUint16(8, true));
  if (end > bytes.byteLength) return undefined;
  const head = new TextDecoder().decode(new Uint8Array(bytes, start, end - start));
  const dtype = /'descr':\s*'([^']*)'/.exec(head)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/.exec(head)?.[1];
  if (dtype === undefined || shape === undefined) return undefined;
  const lengths = shape
    .split(",")
    .map((text) => text.trim())
    .filter(Boolean)
    .map(Number);
  return { name: "", dtype, shape: lengths, summary: summaryOf(data, end, dtype, lengths) };
}

function summaryOf(
  data: DataView,
  start: number,
  dtype: string,
  shape: readonly number[],
): Summary | undefined {
  const [size, read] = READERS[dtype.replace(/^[<|]/, "")] ?? [];
  const count = shape.reduce((product, length) => product * length, 1);
  if (!size || !read || count === 0 || start + count * size > data.byteLength) return undefined;
  let [least, most, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let i = 0; i < count; i++) {
    const value = read(data, start + i * size);
    least = Math.min(least, value);
    most = Math.max(most, value);
    sum += value;
  }
  return { least, most, mean: sum / count };
}

/** The tensors that the beginning of a `.safetensors` file lists; `undefined` if it does not hold the list. */
export function safetensorsHead(bytes: ArrayBuffer): ArrayHead[] | undefined {
  if (bytes.byteLength < 8) return undefined;
  const length = Number(new DataView(bytes).getBigUint64(0, true));
  if (8 + length > bytes.byteLength) return undefined;
  let list: Record<string, { dtype?: unknown; shape?: unknown }>;
  try {
    list = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, length)));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  return Object.entries(list)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, { dtype, shape }]) => ({
      name,
      dtype: String(dtype),
      shape: Array.isArray(shape) ? shape.map(Number) : [],
    }));
}
