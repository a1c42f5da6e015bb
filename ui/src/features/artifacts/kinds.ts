/** How a file is shown, by the end of its name. */
export type Preview =
  | "image"
  | "json"
  | "notebook"
  | "map"
  | "table"
  | "arrays"
  | "html"
  | "markdown"
  | "audio"
  | "video"
  | "text"
  | "none";

const ENDINGS: Record<Exclude<Preview, "none">, string> = {
  image: "png jpg jpeg gif webp bmp svg ico",
  json: "json",
  notebook: "ipynb",
  map: "geojson",
  table: "csv tsv",
  arrays: "npy safetensors",
  html: "html htm",
  markdown: "md",
  audio: "mp3 wav ogg flac",
  video: "mp4 webm",
  text: "txt log rst yaml yml toml ini cfg conf py r jl sh sql js ts css xml diff patch lock jsonl",
};
const PREVIEW = new Map<string, Preview>(
  Object.entries(ENDINGS).flatMap(([preview, endings]) =>
    endings.split(" ").map((ending) => [ending, preview as Preview] as const),
  ),
);
const TEXTS = /^(mlmodel|mlproject|license|readme|dockerfile|makefile|\..*)$/i;

export function previewOf(path: string): Preview {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (TEXTS.test(name)) return "text";
  const dot = name.lastIndexOf(".");
  return PREVIEW.get(name.slice(dot + 1).toLowerCase()) ?? "none";
}

/** The cells of delimited text; quotes may hold delimiters, line ends and doubled quotes. */
export function cells(text: string, delimiter: string, most: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < text.length && rows.length < most; i++) {
    const c = text[i] ?? "";
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') cell += text[++i];
      else quoted = false;
    } else if (c === '"' && cell === "") quoted = true;
    else if (c === delimiter) {
      row.push(cell);
      cell = "";
    } else if (c === "\n") {
      rows.push([...row, cell.replace(/\r$/, "")]);
      row = [];
      cell = "";
    } else cell += c;
  }
  if (rows.length < most && (cell !== "" || row.length > 0)) rows.push([...row, cell]);
  return rows;
}
