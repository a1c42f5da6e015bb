import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useRef, useState } from "react";
import { SearchBox } from "@/components/search-box";
import { bytes, count, counted } from "@/lib/format";
import { LogLine } from "./log-line";
import styles from "./log-view.module.css";
import { type LogFile, logState, type Match, MOST_MATCHES, searchLog } from "./read-log";
import { LINE_PX, type Place, useLog } from "./use-log";

const PAUSE_MS = 250;

interface Props {
  file: LogFile;
  words: string;
  onSearch: (words: string) => void;
}

/** A text of any length, line below line; a search shows the lines that hold the words. */
export function LogView({ file, words, onSearch }: Props) {
  const [place, setPlace] = useState<Place>();
  const { data: state } = useQuery(logState(file));
  const search = useQuery(searchLog(file, words, state?.size ?? 0));
  const tools = (
    <>
      <SearchBox label="Find in the text" value={words} onChange={onSearch} pauseMs={PAUSE_MS} />
      <span className="dim" role="status">
        {words ? (search.data ? told(search.data) : "Searching…") : state && bytes(state.size)}
      </span>
    </>
  );
  if (!words) return <Lines {...{ file, place, tools }} />;
  const show = (match: Match) => {
    setPlace(match);
    onSearch("");
  };
  return (
    <div className={styles.log}>
      <div className={styles.tools}>{tools}</div>
      {search.error && <p className={styles.error}>{search.error.message}</p>}
      <Matches matches={search.data ?? []} words={words} onShow={show} />
    </div>
  );
}

interface LinesProps {
  file: LogFile;
  /** The line to begin with. */
  place: Place | undefined;
  tools: ReactNode;
}

function Lines({ file, place, tools }: LinesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const log = useLog(file, scroller, place);
  return (
    <div className={styles.log}>
      <div className={styles.tools}>
        {tools}
        {file.live && (
          <Button aria-pressed={log.following} onClick={() => log.follow(!log.following)}>
            {log.following ? "Following" : "Follow"}
          </Button>
        )}
      </div>
      {log.error && <p className={styles.error}>{log.error.message}</p>}
      {log.size === 0 && <p className="dim">The file is empty.</p>}
      <div
        ref={scroller}
        className={styles.scroller}
        onScroll={log.onScroll}
        role="region"
        aria-label={`Lines of ${file.path}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it with the keys
        tabIndex={0}
      >
        <div style={{ height: log.height }}>
          {log.items.map(({ index, start }) => (
            <div
              key={index}
              className={styles.line}
              data-sought={place && index === log.indexOf(place)}
              style={{ transform: `translateY(${start}px)` }}
            >
              <LogLine text={log.lineAt(index) ?? ""} words="" />
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

const told = (matches: readonly Match[]): string =>
  matches.length < MOST_MATCHES
    ? counted(matches.length, "line")
    : `the first ${count(MOST_MATCHES)} lines`;

interface MatchesProps {
  matches: readonly Match[];
  words: string;
  onShow: (match: Match) => void;
}

/** The lines that were found; each leads to where it stands. */
function Matches({ matches, words, onShow }: MatchesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: matches.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    overscan: 20,
  });
  return (
    <div ref={scroller} className={styles.scroller}>
      <div style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const match = matches[index];
          return (
            match && (
              <button
                key={index}
                type="button"
                className={styles.line}
                title="Show where it stands"
                style={{ transform: `translateY(${start}px)` }}
                onClick={() => onShow(match)}
              >
                <LogLine text={match.text} words={words.toLowerCase()} />
              </button>
            )
          );
        })}
      </div>
    </div>
  );
}
