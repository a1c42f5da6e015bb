import { useEffect, useRef } from "react";
import type { Choice } from "./choices";
import styles from "./filter-choices.module.css";

interface Props {
  id: string;
  choices: readonly Choice[];
  active: number;
  onActive: (at: number) => void;
  onTake: (choice: Choice) => void;
}

export const choiceId = (id: string, at: number): string => `${id}-${at}`;

/** What fits where the cursor is; the box above has the keys. */
export function FilterChoices({ id, choices, active, onActive, onTake }: Props) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    place.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <div ref={place} id={id} role="listbox" aria-label="What fits here" className={styles.choices}>
      {choices.map((choice, i) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the box above has the keys
        <div
          key={`${choice.whole ?? ""} ${choice.text}`}
          id={choiceId(id, i)}
          role="option"
          aria-selected={i === active}
          className={styles.choice}
          onMouseMove={() => onActive(i)}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onTake(choice)}
        >
          <span>{choice.text}</span>
          <small>{choice.hint}</small>
        </div>
      ))}
    </div>
  );
}
