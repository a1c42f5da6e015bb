import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import styles from "./search-box.module.css";

const PAUSE_MS = 150;

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** Searches while one types; Escape clears. `/` anywhere on the page leads here. */
export function SearchBox({ label, value, onChange }: Props) {
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
    const timer = setTimeout(() => {
      sent.current = text;
      change.current(text);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
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
