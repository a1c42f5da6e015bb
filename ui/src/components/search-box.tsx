import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import styles from "./search-box.module.css";

export const PAUSE_MS = 150;

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Where the answer costs a request, it is asked for once one stops typing. */
  pauseMs?: number;
}

/** Searches while one types; Escape clears. `/` anywhere on the page leads here. */
export function SearchBox({ label, value, onChange, pauseMs = 0 }: Props) {
  const [text, setText] = useState(value);
  const sent = useRef(value);
  const change = useRef(onChange);
  change.current = onChange;
  useEffect(() => {
    if (value !== sent.current) setText(value);
    sent.current = value;
  }, [value]);
  useEffect(() => {
    if (text === sent.current) return;
    const send = () => {
      sent.current = text;
      change.current(text);
    };
    if (pauseMs === 0) return send();
    const timer = setTimeout(send, pauseMs);
    return () => clearTimeout(timer);
  }, [text, pauseMs]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") setText("");
  };
  return (
    <input
      type="search"
      className={styles.box}
      aria-label={label}
      placeholder={label}
      data-slash
      spellCheck={false}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={onKeyDown}
    />
  );
}
