import { memo } from "react";
import { ansiPieces, type Piece } from "./ansi";
import styles from "./log-view.module.css";

// As the client writes what a run printed: when, and `!` for what went to the error stream.
const STAMPED = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d\.\d{3})Z(?: ([ !])(?: (.*))?)?$/s;

/** One line of a log, with the colours that a terminal would give it; `words` are marked in it. */
export const LogLine = memo(function LogLine({ text, words }: { text: string; words: string }) {
  const [, day, time, mark, rest = ""] = STAMPED.exec(text) ?? [];
  const pieces = ansiPieces(time ? rest : text);
  return (
    <>
      {time && (
        <time dateTime={`${day}T${time}Z`} title={`${day} ${time} UTC`} className={styles.time}>
          {time}
        </time>
      )}
      {mark === "!" && <span className={styles.mark} title="Printed on the error stream" />}
      {pieces.map((piece, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name
        <Look key={i} piece={piece} words={words} />
      ))}
    </>
  );
});

function Look({ piece, words }: { piece: Piece; words: string }) {
  const { text, fg, bg, bold, dim, italic, underline } = piece;
  const marked = words ? markWords(text, words) : text;
  if (fg === undefined && bg === undefined && !bold && !dim && !italic && !underline) return marked;
  const style = { bold, dim, italic, underline };
  const named = Object.entries(style).flatMap(([name, on]) => (on ? [styles[name]] : []));
  return (
    <span className={named.join(" ") || undefined} data-fg={fg} data-bg={bg}>
      {marked}
    </span>
  );
}

function markWords(text: string, words: string) {
  const low = text.toLowerCase();
  const parts = [];
  let from = 0;
  for (let at = low.indexOf(words); at >= 0; at = low.indexOf(words, from)) {
    parts.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + words.length)}</mark>);
    from = at + words.length;
  }
  return parts.length > 0 ? [...parts, text.slice(from)] : text;
}
