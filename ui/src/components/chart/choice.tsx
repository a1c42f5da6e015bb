import { Menu } from "@mantine/core";
import type { ReactNode } from "react";

export type ChoiceOption = readonly [word: string, choose: () => void];

interface Props {
  label: string;
  options: readonly ChoiceOption[];
  /** Above the options. */
  children?: ReactNode;
}

/** A word that says how something is drawn; a click changes it. */
export function Choice({ label, options, children }: Props) {
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <button type="button">{label}</button>
      </Menu.Target>
      <Menu.Dropdown mah={320} style={{ overflow: "auto" }}>
        {children}
        {options.map(([word, choose]) => (
          <Menu.Item key={word} onClick={choose}>
            {word}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
