import { Button } from "@mantine/core";
import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { Refusal } from "@/lib/call";
import styles from "./filter-box.module.css";
import { choiceId, FilterChoices } from "./filter-choices";
import { coloured } from "./filter-colours";
import { forgetFilter, rememberFilter } from "./filter-history";
import { useCompletion } from "./use-completion";

interface Props {
  experimentIds: readonly string[];
  /** The fields that runs have, as the search language writes them. */
  fields: readonly string[];
  value: string;
  error: Error | null;
  onApply: (filter: string) => void;
}

const EXAMPLE = 'metrics.rmse < 1 and params.model = "tree"';

/** One line in the search language: Enter applies it, Escape clears it, and what fits is offered. */
export function FilterBox({ experimentIds, fields, value, error, onApply }: Props) {
  const [text, setText] = useState(value);
  const [cursor, setCursor] = useState(value.length);
  const input = useRef<HTMLInputElement>(null);
  const behind = useRef<HTMLDivElement>(null);
  const listId = useId();
  const place = experimentIds.join();
  useEffect(() => setText(value), [value]);
  const wrong = error instanceof Refusal && error.status === 400 ? error : undefined;
  useEffect(() => {
    if (wrong) forgetFilter(place, value);
  }, [wrong, place, value]);
  const fill = (next: string, at: number) => {
    setText(next);
    setCursor(at);
    if (!input.current) return;
    // At once, or the cursor would jump to the end when React writes the text.
    input.current.value = next;
    input.current.setSelectionRange(at, at);
  };
  const completion = useCompletion({ experimentIds, fields, text, cursor, onFill: fill });
  const apply = (filter: string) => {
    completion.close();
    if (filter !== "") rememberFilter(place, filter);
    onApply(filter);
  };
  const clear = () => {
    setText("");
    apply("");
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    apply(text.trim());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!completion.onKeyDown(event) && event.key === "Escape") clear();
  };
  const listed = completion.choices.length > 0;
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
          ref={input}
          className={styles.input}
          role="combobox"
          aria-label="Filter runs"
          aria-expanded={listed}
          aria-controls={listed ? listId : undefined}
          aria-autocomplete="list"
          aria-activedescendant={
            completion.active >= 0 ? choiceId(listId, completion.active) : undefined
          }
          aria-invalid={wrong !== undefined}
          aria-describedby={wrong ? "filter-error" : undefined}
          placeholder={EXAMPLE}
          data-slash
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            completion.show();
          }}
          onSelect={({ currentTarget }) => setCursor(currentTarget.selectionStart ?? 0)}
          onClick={completion.show}
          onBlur={completion.close}
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
        {listed && (
          <FilterChoices
            id={listId}
            choices={completion.choices}
            active={completion.active}
            onActive={completion.setActive}
            onTake={completion.take}
          />
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
