import { ActionIcon, Button } from "@mantine/core";
import { useState } from "react";
import { Pencil } from "@/components/icons";
import { Markdown } from "@/components/markdown";
import { Section } from "@/components/section";
import styles from "./run-parts.module.css";

interface Props {
  text: string;
  onSave: (text: string) => void;
}

/** What somebody wrote about the run, in Markdown. */
export function Note({ text, onSave }: Props) {
  const [draft, setDraft] = useState<string>();
  const edit = draft === undefined && (
    <ActionIcon aria-label="Edit the note" onClick={() => setDraft(text)}>
      <Pencil />
    </ActionIcon>
  );
  return (
    <Section id="note" title="Note" aside={edit}>
      <div className={styles.note}>
        {draft === undefined ? (
          text ? (
            <Markdown text={text} />
          ) : (
            <p className="faint">What was tried, and why?</p>
          )
        ) : (
          <>
            <textarea
              // biome-ignore lint/a11y/noAutofocus: the field replaces the button that was just used
              autoFocus
              aria-label="Text of the note"
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
