import { ActionIcon } from "@mantine/core";
import { type ReactNode, useEffect, useId, useRef } from "react";
import styles from "./dialog.module.css";
import { Cross } from "./icons";

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

/** Something to do before going on; Escape, and a click beside it, close it. */
export function Dialog({ title, onClose, children }: Props) {
  const place = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = place.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: with keys it is closed by Escape
    <dialog
      ref={place}
      className={styles.dialog}
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) => event.target === event.currentTarget && onClose()}
    >
      <div className={styles.content}>
        <header>
          <h2 id={id}>{title}</h2>
          <ActionIcon aria-label="Close" onClick={onClose}>
            <Cross />
          </ActionIcon>
        </header>
        {children}
      </div>
    </dialog>
  );
}
