import { ActionIcon, Button } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { Cross } from "./icons";
import styles from "./notices.module.css";

interface Notice {
  readonly id: number;
  readonly text: string;
  readonly bad: boolean;
  readonly undo?: () => void;
}

const SHOWN_MS = 8_000;

let notices: readonly Notice[] = [];
let last = 0;
const listeners = new Set<() => void>();

function set(next: readonly Notice[]): void {
  notices = next;
  for (const tell of listeners) tell();
}

const dismiss = (id: number): void => set(notices.filter((notice) => notice.id !== id));

/** Say in a corner of the page what was done, with the way back where there is one. */
export function notify(text: string, options: { bad?: boolean; undo?: () => void } = {}): void {
  const id = ++last;
  set([...notices.slice(-2), { id, text, bad: options.bad ?? false, undo: options.undo }]);
  setTimeout(() => dismiss(id), SHOWN_MS);
}

/** Does a write and says so, with the way back; or says why it was refused. Whether it went well. */
export async function told(
  write: () => Promise<unknown>,
  done: string,
  undo?: () => void,
): Promise<boolean> {
  try {
    await write();
  } catch (error) {
    notify((error as Error).message, { bad: true });
    return false;
  }
  notify(done, { undo });
  return true;
}

function listen(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

export function Notices() {
  const shown = useSyncExternalStore(listen, () => notices);
  return (
    <div className={styles.notices} aria-live="polite">
      {shown.map(({ id, text, bad, undo }) => (
        <div key={id} className={styles.notice} data-bad={bad}>
          <span>{text}</span>
          {undo && (
            <Button
              onClick={() => {
                dismiss(id);
                undo();
              }}
            >
              Undo
            </Button>
          )}
          <ActionIcon aria-label="Dismiss" onClick={() => dismiss(id)}>
            <Cross />
          </ActionIcon>
        </div>
      ))}
    </div>
  );
}
