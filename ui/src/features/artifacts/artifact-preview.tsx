import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Download } from "@/components/icons";
import { Markdown } from "@/components/markdown";
import { bytes } from "@/lib/format";
import { ArrayHeads } from "./array-heads";
import styles from "./artifacts.module.css";
import { GeoMap } from "./geo-map";
import { drawingOf } from "./geojson";
import { HtmlFrame } from "./html-frame";
import { JsonTree } from "./json-tree";
import { type Preview, previewOf } from "./kinds";
import { cellsOf } from "./notebook";
import { NotebookView } from "./notebook-view";
import { artifactAddress, type Beginning, readArtifact, SHOWN_BYTES } from "./read-artifact";
import { TablePages } from "./table-pages";

interface Props {
  runId: string;
  path: string;
}

/** A file, as far as a browser can show it, and the way to have it whole. */
export function ArtifactPreview({ runId, path }: Props) {
  const source = artifactAddress(runId, path);
  return (
    <article className={styles.preview} aria-label={path}>
      <header>
        <span className="mono">{path}</span>
        <Button component="a" href={source} download leftSection={<Download />}>
          Download
        </Button>
      </header>
      <div className={styles.content}>
        <Content {...{ runId, path, source }} kind={previewOf(path)} />
      </div>
    </article>
  );
}

function Content({ runId, path, source, kind }: Props & { source: string; kind: Preview }) {
  switch (kind) {
    case "image":
      return <img className={styles.image} src={source} alt={path} />;
    case "audio":
      // biome-ignore lint/a11y/useMediaCaption: what a run recorded has no captions
      return <audio controls src={source} />;
    case "video":
      // biome-ignore lint/a11y/useMediaCaption: what a run recorded has no captions
      return <video className={styles.image} controls src={source} />;
    case "arrays":
      return <ArrayHeads {...{ runId, path }} />;
    case "table":
      return <TablePages {...{ runId, path }} />;
    case "none":
      return <p className="dim">There is no preview of such a file.</p>;
    default:
      return <Read {...{ runId, path, kind }} />;
  }
}

function Read({ runId, path, kind }: Props & { kind: Preview }) {
  const most = WHOLE_BYTES[kind] ?? SHOWN_BYTES;
  const { data, error } = useQuery(readArtifact(runId, path, most));
  if (error) return <p className={styles.error}>{error.message}</p>;
  if (!data) return null;
  return (
    <>
      {!data.whole && <p className="dim">The first {bytes(most)} of the file.</p>}
      <Text {...{ path, kind, data }} />
    </>
  );
}

/** Kinds that are read whole: of a part of them nothing could be made. */
const WHOLE_BYTES: Partial<Record<Preview, number>> = {
  html: 32 * 1024 * 1024,
  notebook: 32 * 1024 * 1024,
  map: 8 * 1024 * 1024,
  json: 4 * 1024 * 1024,
};

function Text({ path, kind, data }: { path: string; kind: Preview; data: Beginning }) {
  const json = kind === "json" || kind === "map" ? parsed(data) : undefined;
  const drawing = kind === "map" ? drawingOf(json) : undefined;
  const book = kind === "notebook" ? cellsOf(data.text) : undefined;
  if (kind === "html") return <HtmlFrame html={data.text} title={path} />;
  if (kind === "markdown") return <Markdown text={data.text} />;
  if (book) return <NotebookView cells={book} />;
  if (drawing) return <GeoMap drawing={drawing} />;
  if (json !== undefined) return <JsonTree value={json} />;
  return <pre className={styles.text}>{data.text}</pre>;
}

/** What JSON says; `undefined` where it is none, or not all of it is here. */
function parsed({ text, whole }: Beginning): unknown {
  if (!whole) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    // Python writes NaN into JSON, which is then shown as it is.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
