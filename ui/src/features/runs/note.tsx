import { ActionIcon, Button } from "@mantine/core";
import { useState } from "react";
import { Pencil } from "@/components/icons";
import { Markdown } from "@/components/markdown";
import { Section } from "@/components/section";
import styles from "./run-parts.module.css";

interface Props {
  title?: string;
  /** What stands where nothing is written yet. */
  ask?: string;
  text: string;
  onSave: (text: string) => void;
}

/** What somebody wrote about a run or a model, in Markdown. */
export function Note({ title = "Note", ask = "What was tried, and why?", text, onSave }: Props) {
  const [draft, setDraft] = useState<string>();
  const edit = draft === undefined && (
    <ActionIcon aria-label={`Edit the ${title.toLowerCase()}`} onClick={() => setDraft(text)}>
      <Pencil />
    </ActionIcon>
  );
  return (
    <Section id={title.toLowerCase()} title={title} aside={edit}>
      <div className={styles.note}>
        {draft === undefined ? (
          text ? (
            <Markdown text={text} />
          ) : (
            <p className="faint">{ask}</p>
          )
        ) : (
          <>
            <textarea
              // biome-ignore lint/a11y/noAutofocus: the field replaces the button that was just used
              autoFocus
              aria-label={`Text of the ${title.toLowerCase()}`}
              value={draft}
              onChange={(event) => setDraft(event.target.value)}
            />
            <div className={styles.actions}>
              <Button
                variant="filled"
                onClick={() => {
                  onSave(draft);
                  setDraft(undefined);
                }}
              >
                Save
              </Button>
              <Button variant="subtle" color="gray" onClick={() => setDraft(undefined)}>
                Cancel
              </Button>
            </div>
          </>
        )}
      </div>
    </Section>
  );
}
