import { Button, Popover } from "@mantine/core";
import { useState } from "react";
import { Down } from "@/components/icons";
import { SearchBox } from "@/components/search-box";
import { matcher } from "@/lib/fields";
import type { Column } from "./columns";
import styles from "./group-menu.module.css";
import { fieldId, fieldLabel, groupable } from "./group-runs";

interface Props {
  all: readonly Column[];
  by: readonly string[];
  onChange: (by: readonly string[]) => void;
}

const MOST_SHOWN = 50;
const MOST_BY = 8;

/** Chooses what runs are grouped by: params, tags and the user. */
export function GroupMenu({ all, by, onChange }: Props) {
  const [pattern, setPattern] = useState("");
  const matches = matcher(pattern);
  const found = groupable(all).filter(({ label }) => matches(label));
  const toggle = (id: string) =>
    onChange(by.includes(id) ? by.filter((one) => one !== id) : [...by, id].slice(-MOST_BY));
  return (
    <Popover position="bottom-start" width={260} trapFocus>
      <Popover.Target>
        <Button aria-pressed={by.length > 0} rightSection={<Down />}>
          {by.length > 0 ? `By ${by.map(fieldLabel).join(", ")}` : "Group"}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={styles.dropdown}>
        <SearchBox label="Find a param or tag" value={pattern} onChange={setPattern} />
        <div className={styles.list}>
          {found.slice(0, MOST_SHOWN).map((column) => {
            const id = fieldId(column);
            return (
              <label key={id} className={styles.field}>
                <input type="checkbox" checked={by.includes(id)} onChange={() => toggle(id)} />
                <span>{column.label}</span>
              </label>
            );
          })}
        </div>
        {by.length > 0 && (
          <Button variant="subtle" onClick={() => onChange([])}>
            Do not group
          </Button>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
