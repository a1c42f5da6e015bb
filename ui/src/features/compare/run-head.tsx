import { ActionIcon } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Cross } from "@/components/icons";
import { colourVariable } from "@/lib/colours";
import styles from "./compare-grid.module.css";

export interface ComparedRun {
  readonly id: string;
  readonly name: string;
  readonly experimentId: string;
  /** Its place among the compared: its colour. */
  readonly place: number;
}

interface Props {
  run: ComparedRun;
  isBaseline: boolean;
  onBaseline: () => void;
  onRemove: () => void;
}

/** A run at the head of its column: the way to it, and whether the others are held against it. */
export function RunHead({ run, isBaseline, onBaseline, onRemove }: Props) {
  return (
    <>
      <span className={styles.title}>
        <i style={{ background: colourVariable(run.place) }} />
        <Link
          to="/experiments/$experimentId/runs/$runId"
          params={{ experimentId: run.experimentId, runId: run.id }}
          title={run.name}
        >
          {run.name}
        </Link>
        <ActionIcon size={20} aria-label={`Leave ${run.name} out`} onClick={onRemove}>
          <Cross />
        </ActionIcon>
      </span>
      {isBaseline ? (
        <b className={styles.baseline}>Baseline</b>
      ) : (
        <button type="button" className={styles.mark} onClick={onBaseline}>
          Make <span className="visually-hidden">{run.name}</span> the baseline
        </button>
      )}
    </>
  );
}
