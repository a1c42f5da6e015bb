import { Button, Popover } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { Down } from "@/components/icons";
import { SearchBox } from "@/components/search-box";
import type { Kind } from "@/lib/fields";
import { matcher } from "@/lib/fields";
import { count } from "@/lib/format";
import styles from "./column-picker.module.css";
import { type Column, GROUPS } from "./columns";
import type { Dull } from "./find-variation";

interface Props {
  all: readonly Column[];
  shown: readonly string[];
  onChange: (shown: string[] | undefined) => void;
  /** Hides the columns that do not tell the runs apart. */
  onHide: (dull: Dull) => Promise<void>;
}

const ROW_PX = 26;

/** Chooses what the table shows, one by one or all that a pattern finds. */
export function ColumnPicker(props: Props) {
  const { all, shown } = props;
  return (
    <Popover position="bottom-end" width={360} trapFocus>
      <Popover.Target>
        <Button rightSection={<Down />} data-columns>
          Columns {shown.length} of {count(Math.max(all.length, shown.length))}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={styles.dropdown}>
        <Choices {...props} />
      </Popover.Dropdown>
    </Popover>
  );
}

type Entry = { group: Kind; label: string; found: Column[] } | { column: Column };

function Choices({ all, shown, onChange, onHide }: Props) {
  const [pattern, setPattern] = useState("");
  const chosen = useMemo(() => new Set(shown), [shown]);
  const entries = useMemo(() => entriesOf(all, pattern), [all, pattern]);
  const found = entries.flatMap((entry) => ("column" in entry ? entry.column.id : []));
  const set = (ids: readonly string[], on: boolean) =>
    onChange(on ? [...new Set([...shown, ...ids])] : shown.filter((id) => !ids.includes(id)));
  return (
    <>
      <SearchBox label="Find columns: text, * or /regex/" value={pattern} onChange={setPattern} />
      <div className={styles.actions}>
        <span>{pattern ? `${count(found.length)} found` : `${count(chosen.size)} shown`}</span>
        <button type="button" onClick={() => set(found, true)}>
          Show {pattern ? "found" : "all"}
        </button>
        <button type="button" onClick={() => set(found, false)}>
          Hide {pattern ? "found" : "all"}
        </button>
        <button type="button" onClick={() => onChange(undefined)}>
          Reset
        </button>
      </div>
      <div className={styles.actions}>
        <button type="button" onClick={() => onHide("constant")}>
          Hide what is the same in all runs
        </button>
        <button type="button" onClick={() => onHide("empty")}>
          Hide empty
        </button>
      </div>
      <List entries={entries} chosen={chosen} onSet={set} />
    </>
  );
}

function entriesOf(all: readonly Column[], pattern: string): Entry[] {
  const matches = matcher(pattern);
  return GROUPS.flatMap(([group, label]) => {
    const found = all.filter((column) => column.group === group && matches(column.label));
    const columns = found.map((column) => ({ column }));
    return found.length > 0 ? [{ group, label, found }, ...columns] : [];
  });
}

interface ListProps {
  entries: readonly Entry[];
  chosen: ReadonlySet<string>;
  onSet: (ids: readonly string[], on: boolean) => void;
}

function List({ entries, chosen, onSet }: ListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  return (
    <div ref={scroller} className={styles.list}>
      <div style={{ height: rows.getTotalSize(), position: "relative" }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const entry = entries[index];
          const ids =
            entry && ("column" in entry ? [entry.column.id] : entry.found.map((c) => c.id));
          if (!entry || !ids) return null;
          const on = ids.filter((id) => chosen.has(id)).length;
          return (
            <label
              key={"column" in entry ? entry.column.id : entry.group}
              className={"column" in entry ? styles.column : styles.group}
              style={{ transform: `translateY(${start}px)` }}
            >
              <input
                type="checkbox"
                checked={on === ids.length}
                ref={(box) => {
                  if (box) box.indeterminate = on > 0 && on < ids.length;
                }}
                onChange={(event) => onSet(ids, event.target.checked)}
              />
              <span>{"column" in entry ? entry.column.label : entry.label}</span>
              {!("column" in entry) && <small>{`${count(on)} of ${count(ids.length)}`}</small>}
            </label>
          );
        })}
      </div>
    </div>
  );
}
