import { Menu } from "@mantine/core";
import { type ReactNode, type Ref, useState } from "react";
import { Dots } from "@/components/icons";
import styles from "./panel.module.css";

export interface PanelAction {
  readonly word: string;
  readonly act: () => void;
}

interface Props {
  ref: Ref<HTMLElement>;
  title: string;
  /** What the chart says in few words, or a way back. */
  aside: ReactNode;
  actions: readonly PanelAction[];
  children: ReactNode;
}

/** A chart with its name, and what can be done with it. */
export function PanelFrame({ ref, title, aside, actions, children }: Props) {
  return (
    <figure ref={ref} className={styles.panel}>
      <figcaption className={styles.caption}>
        <b title={title}>{title}</b>
        <span className={styles.aside}>
          {aside}
          {actions.length > 0 && <Actions title={title} actions={actions} />}
        </span>
      </figcaption>
      {children}
    </figure>
  );
}

function Actions({ title, actions }: { title: string; actions: readonly PanelAction[] }) {
  const [opened, setOpened] = useState(false);
  return (
    // Of a thousand panels one menu at most is open: only that one is built.
    <Menu position="bottom-end" opened={opened} onChange={setOpened}>
      <Menu.Target>
        <button type="button" className={styles.more} aria-label={`Chart ${title}`}>
          <Dots />
        </button>
      </Menu.Target>
      {opened && (
        <Menu.Dropdown>
          {actions.map(({ word, act }) => (
            <Menu.Item key={word} onClick={act}>
              {word}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      )}
    </Menu>
  );
}
