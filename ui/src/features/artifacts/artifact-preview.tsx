import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Download } from "@/components/icons";
import { bytes } from "@/lib/format";
import styles from "./artifacts.module.css";
import { HtmlFrame } from "./html-frame";
import { cells, type Preview, previewOf } from "./kinds";
import { artifactAddress, type Beginning, readArtifact, SHOWN_BYTES } from "./read-artifact";

const MOST_ROWS = 500;
const HTML_BYTES = 32 * 1024 * 1024;

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
    case "none":
      return <p className="dim">There is no preview of such a file.</p>;
    default:
      return <Read {...{ runId, path, kind }} />;
  }
}

function Read({ runId, path, kind }: Props & { kind: Preview }) {
  const most = kind === "html" ? HTML_BYTES : SHOWN_BYTES;
  const { data, error } = useQuery(readArtifact(runId, path, most));
  if (error) return <p className={styles.error}>{error.message}</p>;
  if (!data) return null;
  return (
    <>
      {!data.whole && <p className="dim">The first {bytes(most)} of the file.</p>}
      {kind === "html" ? (
        <HtmlFrame html={data.text} title={path} />
      ) : kind === "table" ? (
        <Cells text={data.text} delimiter={path.endsWith(".tsv") ? "\t" : ","} />
      ) : (
        <pre className={styles.text}>{kind === "json" ? indented(data) : data.text}</pre>
      )}
    </>
  );
}

function indented({ text, whole }: Beginning): string {
  if (!whole) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch (error) {
    // Python writes NaN into JSON, which is then shown as it is.
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function Cells({ text, delimiter }: { text: string; delimiter: string }) {
  const [head = [], ...rows] = useMemo(
    () => cells(text, delimiter, MOST_ROWS + 1),
    [text, delimiter],
  );
  return (
    <div className={styles.cells}>
      <table>
        <thead>
          <tr>
            {head.map((name, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: names of columns may repeat
              <th key={i}>{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name
            <tr key={i}>
              {row.map((cell, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: as their columns
                <td key={at}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === MOST_ROWS && <p className="dim">The first {MOST_ROWS} rows.</p>}
    </div>
  );
}
