import { Button } from "@mantine/core";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Refusal } from "@/lib/call";
import styles from "./filter-box.module.css";
import { coloured } from "./filter-colours";

interface Props {
  value: string;
  error: Error | null;
  onApply: (filter: string) => void;
}

const EXAMPLE = 'metrics.rmse < 1 and params.model = "tree"';

/** One line in the search language: Enter applies it, Escape clears it. */
export function FilterBox({ value, error, onApply }: Props) {
  const [text, setText] = useState(value);
  const behind = useRef<HTMLDivElement>(null);
  useEffect(() => setText(value), [value]);
  const wrong = error instanceof Refusal && error.status === 400 ? error : undefined;
  const clear = () => {
    setText("");
    onApply("");
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    onApply(text.trim());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") clear();
  };
  return (
    <form className={styles.form} role="search" onSubmit={onSubmit}>
      <div className={styles.box} data-wrong={wrong !== undefined}>
        <div ref={behind} className={styles.behind} aria-hidden="true">
          {coloured(text).map(({ start, text: part, kind }) => (
            <span key={start} data-kind={kind}>
              {part}
            </span>
          ))}
        </div>
        <input
          className={styles.input}
          aria-label="Filter runs"
          aria-invalid={wrong !== undefined}
          aria-describedby={wrong ? "filter-error" : undefined}
          placeholder={EXAMPLE}
          data-slash
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          onScroll={({ currentTarget }) => {
            if (behind.current) behind.current.scrollLeft = currentTarget.scrollLeft;
          }}
        />
        {text.trim() !== value && <kbd className={styles.hint}>Enter ↵</kbd>}
        {(text !== "" || value !== "") && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={clear}>
            Clear
          </Button>
        )}
      </div>
      {wrong && (
        <pre id="filter-error" className={styles.error} role="alert">
          {wrong.message}
        </pre>
      )}
    </form>
  );
}
