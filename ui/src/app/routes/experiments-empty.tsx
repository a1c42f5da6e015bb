import { Empty } from "@/components/empty";
import { Snippet } from "@/components/snippet";
import { address } from "@/lib/call";
import { count } from "@/lib/format";

export function NoneFound({ text, deleted }: { text: string; deleted: boolean }) {
  if (text) {
    return (
      <Empty title="No experiment matches">
        <p>
          A name's part is searched for, % standing for any text, or a filter such as{" "}
          <code>tags.team = 'vision'</code> or <code>name LIKE 'nlp/%'</code>.
        </p>
      </Empty>
    );
  }
  if (deleted) {
    return (
      <Empty title="No deleted experiments">
        <p>Experiments that are deleted wait here until they are restored.</p>
      </Empty>
    );
  }
  return (
    <Empty title="No experiments yet">
      <FirstRun />
    </Empty>
  );
}

export function FirstRun() {
  const server = address("").replace(/\/$/, "");
  return (
    <Empty title="Log a first run">
      <p>Run this where your code runs; the run appears here while it goes on.</p>
      <Snippet
        code={[
          "import headrace",
          "",
          `headrace.set_tracking_uri("${server}")`,
          'headrace.set_experiment("first-steps")',
          "with headrace.start_run():",
          '    headrace.log_param("learning_rate", 0.1)',
          `    for step in range(${count(100)}):`,
          '        headrace.log_metric("loss", 1 / (step + 1), step=step)',
        ].join("\n")}
      />
      <p>A script that uses mlflow needs the second line alone, with its own name.</p>
    </Empty>
  );
}
