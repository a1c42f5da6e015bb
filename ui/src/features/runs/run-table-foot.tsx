import type { ReactNode } from "react";
import { count, counted } from "@/lib/format";
import styles from "./run-table.module.css";

interface Props {
  /** Runs that match; undefined until they are counted. */
  matching: number | undefined;
  /** Whether what is shown answers another question, because this one was refused. */
  refused: boolean;
  /** Runs at the top level, where the table lists those alone. */
  top: number | undefined;
  filtered: boolean;
  deleted: boolean;
  selected: number;
  /** What can be done with those that are selected. */
  actions: ReactNode;
}

/** In words: how many runs match, how many are selected, and what can be done with them. */
export function RunTableFoot(props: Props) {
  const { matching, refused, top, filtered, deleted, selected } = props;
  const adjective = filtered ? "matching " : deleted ? "deleted " : "";
  return (
    <div className={styles.foot}>
      <b role="status">
        {refused
          ? "The runs before this filter"
          : matching === undefined
            ? "Counting…"
            : counted(matching, `${adjective}run`)}
      </b>
      {top !== undefined && matching !== undefined && top !== matching && (
        <span>{count(top)} at the top level</span>
      )}
      {selected > 0 && <span>{count(selected)} selected</span>}
      <span className={styles.grow} />
      {selected > 0 && props.actions}
    </div>
  );
}
