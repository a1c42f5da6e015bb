import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { PAUSE_MS } from "@/components/search-box";
import styles from "./palette.module.css";
import { type Entry, useEntries } from "./palette-entries";

interface Props {
  onClose: () => void;
  onHelp: () => void;
}

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };

/** One box that finds everything: pages, actions, experiments, and runs by name, note or id. */
export function Palette({ onClose, onHelp }: Props) {
  const place = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const { entries, error, busy } = useEntries(text, useSettled(text), onHelp);
  const active = Math.min(at, entries.length - 1);
  useEffect(() => {
    const dialog = place.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  useEffect(() => {
    place.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  });
  const choose = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.act();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step) setAt((active + step + entries.length) % Math.max(1, entries.length));
    else if (event.key === "Enter") choose(entries[active]);
    else return;
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: with keys it is closed by Escape
    <dialog
      ref={place}
      className={styles.palette}
      aria-label="Search everything"
      onClose={onClose}
      onClick={(event) => event.target === event.currentTarget && onClose()}
    >
      <input
        type="text"
        role="combobox"
        aria-label="Search everything"
        aria-expanded={true}
        aria-controls="palette-entries"
        aria-activedescendant={active >= 0 ? `palette-${active}` : undefined}
        autoFocus
        spellCheck={false}
        placeholder="Experiments, runs by name or id, pages, actions"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div role="listbox" id="palette-entries" aria-label="Found" className={styles.entries}>
        {entries.map((entry, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the box above has the keys
          <div
            key={entry.id}
            id={`palette-${i}`}
            role="option"
            aria-selected={i === active}
            className={styles.entry}
            onClick={() => choose(entry)}
            onMouseMove={() => setAt(i)}
          >
            <span>{entry.label}</span>
            {entry.hint && <small>{entry.hint}</small>}
            <small className={styles.kind}>{entry.kind}</small>
          </div>
        ))}
      </div>
      {error ? (
        <p role="alert" className={styles.none}>
          {error.message}
        </p>
      ) : (
        entries.length === 0 && (
          <p className={styles.none}>{busy ? "Searching…" : `Nothing is called “${text}”.`}</p>
        )
      )}
    </dialog>
  );
}

/** The text once one stops typing: each one costs a request. */
function useSettled(text: string): string {
  const [settled, settle] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => settle(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
