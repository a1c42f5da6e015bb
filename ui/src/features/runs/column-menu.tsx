import { Menu } from "@mantine/core";
import { useState } from "react";
import { Down } from "@/components/icons";
import { fieldText, REDUCTIONS } from "@/lib/fields";
import type { Column } from "./columns";
import styles from "./run-table.module.css";
import type { HeadActions } from "./run-table-head";

interface Props extends Pick<HeadActions, "onReplace" | "onMove" | "onPin"> {
  column: Column;
  /** The columns that it may change places with, in their order. */
  neighbours: readonly string[];
}

/** A menu costs more than the rest of the head, so there is none until it is asked for. */
export function ColumnMenu({ column, neighbours, onReplace, onMove, onPin }: Props) {
  const [used, setUsed] = useState(false);
  const at = neighbours.indexOf(column.id);
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
        <Menu.Item onClick={() => onPin(column.id, !column.pinned)}>
          {column.pinned ? "Unpin" : "Pin beside the names"}
        </Menu.Item>
        <Menu.Item disabled={at === 0} onClick={() => onMove(column.id, neighbours[at - 1])}>
          Move left
        </Menu.Item>
        <Menu.Item
          disabled={at === neighbours.length - 1}
          onClick={() => onMove(column.id, neighbours[at + 2])}
        >
          Move right
        </Menu.Item>
        <Menu.Item onClick={() => onReplace(column.id, undefined)}>Hide column</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Reductions({ column, onReplace }: Pick<Props, "column" | "onReplace">) {
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
