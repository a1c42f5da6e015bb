/** A cell of a notebook, as far as it is shown. */
export interface Cell {
  readonly kind: "code" | "markdown" | "raw";
  readonly text: string;
  readonly count: number | undefined;
  readonly outputs: readonly Output[];
}

export type Output =
  | { readonly kind: "text" | "error" | "html"; readonly text: string }
  | { readonly kind: "image"; readonly source: string };

type Json = Record<string, unknown>;

// biome-ignore lint/suspicious/noControlCharactersInRegex: what colours text in a terminal begins with one
const ANSI = /\u001b\[[0-9;]*m/g;
const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** The cells of a notebook (nbformat 4); `undefined` for what is none. */
export function cellsOf(text: string): Cell[] | undefined {
  const book = parsed(text);
  const cells = book?.cells;
  if (!Array.isArray(cells)) return undefined;
  return cells.filter(isObject).map((cell) => ({
    kind: cell.cell_type === "code" || cell.cell_type === "markdown" ? cell.cell_type : "raw",
    text: joined(cell.source),
    count: typeof cell.execution_count === "number" ? cell.execution_count : undefined,
    outputs: Array.isArray(cell.outputs) ? cell.outputs.filter(isObject).flatMap(outputOf) : [],
  }));
}

function outputOf(output: Json): Output[] {
  if (output.output_type === "stream") return [{ kind: "text", text: plain(output.text) }];
  if (output.output_type === "error") {
    return [{ kind: "error", text: plain(output.traceback, "\n") }];
  }
  const data = isObject(output.data) ? output.data : {};
  const picture = PICTURES.find((kind) => kind in data);
  if (picture) {
    const code = joined(data[picture]).replace(/\s/g, "");
    return [{ kind: "image", source: `data:${picture};base64,${code}` }];
  }
  if ("image/svg+xml" in data) {
    const drawing = encodeURIComponent(joined(data["image/svg+xml"]));
    return [{ kind: "image", source: `data:image/svg+xml,${drawing}` }];
  }
  if ("text/html" in data) return [{ kind: "html", text: joined(data["text/html"]) }];
  return "text/plain" in data ? [{ kind: "text", text: plain(data["text/plain"]) }] : [];
}

function parsed(text: string): Json | undefined {
  try {
    const found: unknown = JSON.parse(text);
    return isObject(found) ? found : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;

const joined = (value: unknown, between = ""): string =>
  Array.isArray(value) ? value.map(String).join(between) : typeof value === "string" ? value : "";

const plain = (value: unknown, between = ""): string => joined(value, between).replace(ANSI, "");
