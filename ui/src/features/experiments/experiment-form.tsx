import { Button } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Dialog } from "@/components/dialog";
import styles from "@/components/form.module.css";

export interface ExperimentTexts {
  readonly name: string;
  readonly note: string;
}

interface Props {
  title: string;
  action: string;
  given: ExperimentTexts;
  /** Goes on to elsewhere, or resolves to what was refused. */
  onSave: (texts: ExperimentTexts) => Promise<string | undefined>;
  onClose: () => void;
}

/** An experiment's name and description, for a new one or to change them. */
export function ExperimentForm({ title, action, given, onSave, onClose }: Props) {
  const [name, setName] = useState(given.name);
  const [note, setNote] = useState(given.note);
  const [refused, setRefused] = useState<string>();
  const [busy, setBusy] = useState(false);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const refusal = await onSave({ name: name.trim(), note });
    setBusy(false);
    setRefused(refusal);
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className={styles.form} onSubmit={save}>
        <label>
          Name
          <input
            autoFocus
            required
            pattern=".*\S.*"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <p className="dim">
          A slash makes folders: <code>vision/digits</code> stands in <code>vision</code>.
        </p>
        <label>
          Description, in Markdown
          <textarea rows={8} value={note} onChange={(event) => setNote(event.target.value)} />
        </label>
        {refused && (
          <p role="alert" className={styles.refused}>
            {refused}
          </p>
        )}
        <div className={styles.actions}>
          <Button variant="subtle" color="gray" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" variant="filled" loading={busy}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
