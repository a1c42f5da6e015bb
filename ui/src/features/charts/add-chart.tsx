import { Button, Menu } from "@mantine/core";
import { Plus } from "@/components/icons";
import { KINDS, type Kind, SHAPES } from "./chart-spec";

/** Adds a chart of a kind that one chooses. */
export function AddChart({ onAdd }: { onAdd: (kind: Kind) => void }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button leftSection={<Plus />}>Add chart</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {KINDS.map((kind) => (
          <Menu.Item key={kind} onClick={() => onAdd(kind)}>
            {SHAPES[kind].word}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
