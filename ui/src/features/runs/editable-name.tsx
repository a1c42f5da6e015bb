import { ActionIcon, Button } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Pencil } from "@/components/icons";
import styles from "./run-parts.module.css";

interface Props {
  name: string;
  onSave: (name: string) => void;
}

/** The run's name as the page's heading, and a way to change it. */
export function EditableName({ name, onSave }: Props) {
  const [text, setText] = useState<string>();
  if (text === undefined) {
    return (
      <div className={styles.title}>
        <h1>{name}</h1>
        <ActionIcon aria-label="Rename the run" onClick={() => setText(name)}>
          <Pencil />
        </ActionIcon>
      </div>
    );
  }
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== "" && text !== name) onSave(text.trim());
    setText(undefined);
  };
  return (
    <form className={styles.title} onSubmit={save}>
      <input
        // biome-ignore lint/a11y/noAutofocus: the field replaces the button that was just used
        autoFocus
        aria-label="Name of the run"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && setText(undefined)}
      />
      <Button type="submit">Rename</Button>
      <Button variant="subtle" color="gray" onClick={() => setText(undefined)}>
        Cancel
      </Button>
    </form>
  );
}
