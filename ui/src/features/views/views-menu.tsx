import { ActionIcon, Button, Popover } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Cross, Down } from "@/components/icons";
import type { Experiment } from "@/lib/api-types";
import { removeView, type SavedView, saveView, viewsOf } from "./saved-views";
import styles from "./views-menu.module.css";

interface Props {
  experiment: Experiment;
  /** What the page shows now, as the part of an address after `?`. */
  current: string;
  onOpen: (search: string) => void;
}

/** Opens a view that somebody saved, or saves what the page shows now. */
export function ViewsMenu({ experiment, current, onOpen }: Props) {
  const [opened, setOpened] = useState(false);
  const views = viewsOf(experiment);
  const shown = views.find(({ search }) => search === current);
  const open = (search: string) => {
    setOpened(false);
    onOpen(search);
  };
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-start"
      width={280}
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <Button rightSection={<Down />} onClick={() => setOpened(!opened)}>
          {shown?.name ?? "Views"}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={styles.dropdown}>
        <Views experiment={experiment} views={views} shown={shown} onOpen={open} />
        <SaveView
          experiment={experiment}
          current={current}
          name={shown?.name}
          onSaved={() => setOpened(false)}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

interface ViewsProps {
  experiment: Experiment;
  views: readonly SavedView[];
  shown: SavedView | undefined;
  onOpen: (search: string) => void;
}

function Views({ experiment, views, shown, onOpen }: ViewsProps) {
  const queries = useQueryClient();
  return (
    <ul className={styles.views} aria-label="Saved views">
      <li>
        <button type="button" onClick={() => onOpen("")}>
          All runs, as at first
        </button>
      </li>
      {views.map((view) => (
        <li key={view.name}>
          <button
            type="button"
            aria-current={view === shown ? "true" : undefined}
            onClick={() => onOpen(view.search)}
          >
            {view.name}
          </button>
          <ActionIcon
            aria-label={`Delete the view ${view.name}`}
            onClick={() => removeView(queries, experiment, view)}
          >
            <Cross />
          </ActionIcon>
        </li>
      ))}
    </ul>
  );
}

interface SaveProps {
  experiment: Experiment;
  current: string;
  name: string | undefined;
  onSaved: () => void;
}

function SaveView({ experiment, current, name: given, onSaved }: SaveProps) {
  const queries = useQueryClient();
  const [name, setName] = useState(given ?? "");
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const view = { name: name.trim(), search: current };
    if (await saveView(queries, experiment, view)) onSaved();
  };
  return (
    <form className={styles.save} onSubmit={save}>
      <input
        aria-label="Name of the view"
        placeholder="Name for this view"
        required
        pattern=".*\S.*"
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Button type="submit">Save</Button>
    </form>
  );
}
