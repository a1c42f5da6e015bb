import { Button } from "@mantine/core";
import { type FormEvent, useId, useState } from "react";
import { Dialog } from "@/components/dialog";
import styles from "@/components/form.module.css";

interface Props {
  title: string;
  /** Keys that runs have, to choose from. */
  known: readonly string[];
  onSave: (key: string, value: string) => Promise<void>;
  onClose: () => void;
}

/** A tag for several runs. */
export function TagForm({ title, known, onSave, onClose }: Props) {
  const [key, setKey] = useState("");
  const [value, setValue] = useState("");
  const [busy, setBusy] = useState(false);
  const listId = useId();
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    await onSave(key.trim(), value);
    onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className={styles.form} onSubmit={save}>
        <label>
          Key
          <input
            autoFocus
            required
            pattern=".*\S.*"
            list={listId}
            value={key}
            onChange={(event) => setKey(event.target.value)}
          />
        </label>
        <datalist id={listId}>
          {known.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <label>
          Value
          <input value={value} onChange={(event) => setValue(event.target.value)} />
        </label>
        <div className={styles.actions}>
          <Button variant="subtle" color="gray" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" variant="filled" loading={busy}>
            Tag
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
