import { ActionIcon, Menu } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { CSSProperties } from "react";
import { Ago } from "@/components/ago";
import { Dots, Folder, Right } from "@/components/icons";
import type { Experiment } from "@/lib/api-types";
import { count, counted } from "@/lib/format";
import { noteOf } from "./change-experiments";
import type { ExperimentActions } from "./experiment-table";
import styles from "./experiment-table.module.css";
import type { FolderLine, LeafLine } from "./folders";

const INDENT_PX = 18;
const SYSTEM_TAG = /^(mlflow|headrace)\./;

interface Props<L> {
  line: L;
  selected: ReadonlySet<string>;
  actions: ExperimentActions;
  place: { "aria-rowindex": number; style: CSSProperties };
}

export function FolderRow({ line, selected, actions, place }: Props<FolderLine>) {
  const chosen = line.ids.filter((id) => selected.has(id)).length;
  return (
    <div role="row" {...place} className={styles.row}>
      <span role="cell" className={styles.name}>
        <input
          type="checkbox"
          aria-label={`Select all in ${line.path}`}
          checked={chosen === line.ids.length}
          ref={(box) => {
            if (box) box.indeterminate = chosen > 0 && chosen < line.ids.length;
          }}
          onChange={() => actions.onSelect(line.ids)}
        />
        <i style={{ width: line.depth * INDENT_PX }} />
        <button
          type="button"
          className={styles.folder}
          aria-expanded={line.open}
          onClick={() => actions.onFold(line.path)}
        >
          <Right />
          <Folder />
          {line.label}
          <small>{counted(line.ids.length, "experiment")}</small>
        </button>
      </span>
      <Numbers runs={line.runs} running={line.running} activity={line.activity} />
      <span role="cell" />
      <span role="cell" />
    </div>
  );
}

export function ExperimentRow({ line, selected, actions, place }: Props<LeafLine>) {
  const { experiment, summary } = line.line;
  const { experiment_id: experimentId, name } = experiment;
  const isSelected = selected.has(experimentId);
  const tags = experiment.tags?.filter(({ key }) => !SYSTEM_TAG.test(key)) ?? [];
  return (
    <div role="row" {...place} className={styles.row} data-selected={isSelected}>
      <span role="cell" className={styles.name}>
        <input
          type="checkbox"
          aria-label={`Select ${name}`}
          checked={isSelected}
          onChange={() => actions.onSelect([experimentId])}
        />
        <i style={{ width: line.depth * INDENT_PX }} />
        <Link to="/experiments/$experimentId" params={{ experimentId }} title={name}>
          {line.label || name}
        </Link>
        <small className={styles.note}>{noteOf(experiment).split("\n", 1)}</small>
        {tags.map(({ key, value }) => (
          <small key={key} className={styles.tag} title={`${key}: ${value}`}>
            {key}: {value}
          </small>
        ))}
      </span>
      <Numbers {...line} known={summary !== undefined} />
      <span role="cell">
        {experiment.creation_time ? <Ago time={experiment.creation_time} /> : ""}
      </span>
      <span role="cell">
        <ExperimentMenu experiment={experiment} {...actions} />
      </span>
    </div>
  );
}

interface NumbersProps {
  runs: number;
  running: number;
  activity: number;
  known?: boolean;
}

function Numbers({ runs, running, activity, known = true }: NumbersProps) {
  return (
    <>
      <span role="cell">{known ? count(runs) : ""}</span>
      <span role="cell" className={running > 0 ? styles.running : styles.none}>
        {known ? count(running) : ""}
      </span>
      <span role="cell">
        <Ago time={activity} />
      </span>
    </>
  );
}

function ExperimentMenu(props: { experiment: Experiment } & ExperimentActions) {
  const { experiment, onEdit, onMove } = props;
  const deleted = experiment.lifecycle_stage === "deleted";
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={`More of ${experiment.name}`}>
          <Dots />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {!deleted && <Menu.Item onClick={() => onEdit(experiment)}>Rename or describe</Menu.Item>}
        <Menu.Item onClick={() => onMove(experiment)}>{deleted ? "Restore" : "Delete"}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
