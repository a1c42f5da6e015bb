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
  table: "csv tsv parquet",
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
