import { Button } from "@mantine/core";
import { Empty } from "@/components/empty";
import { Snippet } from "@/components/snippet";
import { useExperiments } from "@/features/experiments/get-experiment";
import { address } from "@/lib/call";

interface Props {
  experimentIds: readonly string[];
  filtered: boolean;
  deleted: boolean;
  onClear: () => void;
}

export function NoRuns({ experimentIds, filtered, deleted, onClear }: Props) {
  const name = useExperiments(experimentIds).experiments[0]?.name ?? "";
  if (filtered) {
    return (
      <Empty title="No run matches">
        <p>
          <Button onClick={onClear}>Clear the filter</Button>
        </p>
      </Empty>
    );
  }
  if (deleted) {
    return (
      <Empty title="No deleted runs">
        <p>Runs that are deleted wait here until they are restored.</p>
      </Empty>
    );
  }
  return (
    <Empty title="No runs yet">
      <p>Run this where your code runs; the run appears here while it goes on.</p>
      <Snippet
        code={[
          "import headrace",
          "",
          `headrace.set_tracking_uri(${JSON.stringify(address("").replace(/\/$/, ""))})`,
          `headrace.set_experiment(${JSON.stringify(name)})`,
          "with headrace.start_run():",
          '    headrace.log_param("learning_rate", 0.1)',
          '    headrace.log_metric("loss", 0.42, step=1)',
        ].join("\n")}
      />
    </Empty>
  );
}
