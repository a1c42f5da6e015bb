import { ActionIcon, Button } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Cross, Pencil, Plus, Tick } from "@/components/icons";
import { Section } from "@/components/section";
import type { RunTag } from "@/lib/api-types";
import { isBookkeeping } from "./columns";
import styles from "./run-parts.module.css";

interface Props {
  tags: readonly RunTag[];
  onSet: (key: string, value: string) => void;
  onDelete: (key: string) => void;
}

/** The tags of a run: each can be changed where it stands. Those of the bookkeeping are folded away. */
export function TagTable({ tags, onSet, onDelete }: Props) {
  const [editing, setEditing] = useState<string>();
  const [adding, setAdding] = useState(false);
  const own = tags.filter(({ key }) => isBookkeeping(key));
  const others = tags.filter(({ key }) => !isBookkeeping(key));
  const add = !adding && (
    <Button leftSection={<Plus />} variant="subtle" color="gray" onClick={() => setAdding(true)}>
      Add
    </Button>
  );
  return (
    <Section id="tags" title="Tags" count={others.length} aside={add}>
      <div>
        {others.map((tag) =>
          editing === tag.key ? (
            <TagForm key={tag.key} tag={tag} onSave={onSet} onClose={() => setEditing(undefined)} />
          ) : (
            <div key={tag.key} className={styles.tag}>
              <span title={tag.key}>{tag.key}</span>
              <span title={tag.value}>{tag.value}</span>
              <span className={styles.hidden}>
                <ActionIcon
                  aria-label={`Edit the tag ${tag.key}`}
                  onClick={() => setEditing(tag.key)}
                >
                  <Pencil />
                </ActionIcon>
                <ActionIcon
                  aria-label={`Delete the tag ${tag.key}`}
                  onClick={() => onDelete(tag.key)}
                >
                  <Cross />
                </ActionIcon>
              </span>
            </div>
          ),
        )}
        {adding && <TagForm onSave={onSet} onClose={() => setAdding(false)} />}
        {others.length === 0 && !adding && <p className="faint">None yet.</p>}
        {own.length > 0 && (
          <details className={styles.more}>
            <summary>{own.length} that were set by the client</summary>
            {own.map(({ key, value }) => (
              <div key={key} className={styles.tag}>
                <span title={key}>{key}</span>
                <span title={value}>{value}</span>
              </div>
            ))}
          </details>
        )}
      </div>
    </Section>
  );
}

interface FormProps {
  tag?: RunTag;
  onSave: (key: string, value: string) => void;
  onClose: () => void;
}

function TagForm({ tag, onSave, onClose }: FormProps) {
  const [key, setKey] = useState(tag?.key ?? "");
  const [value, setValue] = useState(tag?.value ?? "");
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim() === "") return;
    onSave(key.trim(), value);
    onClose();
  };
  return (
    <form
      className={styles.tag}
      onSubmit={save}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      {tag ? (
        <span>{tag.key}</span>
      ) : (
        <input
          // biome-ignore lint/a11y/noAutofocus: the field replaces the button that was just used
          autoFocus
          aria-label="Name of the tag"
          placeholder="name"
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
      )}
      <input
        // biome-ignore lint/a11y/noAutofocus: the field replaces the button that was just used
        autoFocus={tag !== undefined}
        aria-label="Value of the tag"
        placeholder="value"
        value={value}
        onChange={(event) => setValue(event.target.value)}
      />
      <span className={styles.actions}>
        <ActionIcon type="submit" aria-label="Save the tag">
          <Tick />
        </ActionIcon>
        <ActionIcon aria-label="Do not change the tag" onClick={onClose}>
          <Cross />
        </ActionIcon>
      </span>
    </form>
  );
}
