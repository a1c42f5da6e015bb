import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import {
  createExperiment,
  describeExperiment,
  noteOf,
  renameExperiment,
} from "@/features/experiments/change-experiments";
import { ExperimentForm } from "@/features/experiments/experiment-form";
import type { Experiment } from "@/lib/api-types";

export function NewExperiment({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return (
    <ExperimentForm
      title="New experiment"
      action="Create"
      given={{ name: "", note: "" }}
      onClose={onClose}
      onSave={async ({ name, note }) => {
        try {
          const experimentId = await createExperiment(queries, name, note);
          navigate({ to: "/experiments/$experimentId", params: { experimentId } });
          return undefined;
        } catch (error) {
          return (error as Error).message;
        }
      }}
    />
  );
}

interface EditProps {
  experiment: Experiment;
  onClose: () => void;
}

export function EditExperiment({ experiment, onClose }: EditProps) {
  const queries = useQueryClient();
  const old = { name: experiment.name, note: noteOf(experiment) };
  return (
    <ExperimentForm
      title="Rename or describe"
      action="Save"
      given={old}
      onClose={onClose}
      onSave={async ({ name, note }) => {
        if (name !== old.name) await renameExperiment(queries, experiment, name);
        if (note !== old.note)
          await describeExperiment(queries, experiment.experiment_id, note, old.note);
        onClose();
        return undefined;
      }}
    />
  );
}
