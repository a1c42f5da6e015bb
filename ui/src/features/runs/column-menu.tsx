import { Menu } from "@mantine/core";
import { useState } from "react";
import { Down } from "@/components/icons";
import { fieldText, REDUCTIONS } from "@/lib/fields";
import type { Column } from "./columns";
import styles from "./run-table.module.css";

interface Props {
  column: Column;
  onReplace: (id: string, by: string | undefined) => void;
}

/** A menu costs more than the rest of the head, so there is none until it is asked for. */
export function ColumnMenu({ column, onReplace }: Props) {
  const [used, setUsed] = useState(false);
  const button = (
    <button
      type="button"
      className={styles.more}
      aria-label={`Column ${column.label}`}
      aria-haspopup="menu"
      onClick={() => setUsed(true)}
    >
      <Down />
    </button>
  );
  if (!used) return button;
  return (
    <Menu defaultOpened position="bottom-end" onClose={() => setUsed(false)}>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        {column.group === "metric" && <Reductions column={column} onReplace={onReplace} />}
        <Menu.Item onClick={() => onReplace(column.id, undefined)}>Hide column</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Reductions({ column, onReplace }: Props) {
  return (
    <>
      <Menu.Label>Show of each run its</Menu.Label>
      {REDUCTIONS.map((reduction) => (
        <Menu.Item
          key={reduction}
          rightSection={column.field.reduction === reduction ? "✓" : undefined}
          onClick={() => onReplace(column.id, fieldText({ ...column.field, reduction }))}
        >
          {reduction} value
        </Menu.Item>
      ))}
      <Menu.Divider />
    </>
  );
}
