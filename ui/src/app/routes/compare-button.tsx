import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { MOST_RUNS } from "@/features/compare/compared-runs";
import { counted } from "@/lib/format";

/** From the selected runs to their comparison; `c` presses it. */
export function CompareButton({ runIds }: { runIds: readonly string[] }) {
  const [few, many] = [runIds.length < 2, runIds.length > MOST_RUNS];
  if (few || many) {
    const reason = few
      ? "Select another run to compare"
      : `At most ${counted(MOST_RUNS, "run")} are compared`;
    return (
      <Button disabled title={reason}>
        Compare
      </Button>
    );
  }
  return (
    <Button
      variant="filled"
      data-compare
      renderRoot={(props) => <Link {...props} to="/compare" search={{ runs: runIds.join() }} />}
    >
      Compare
    </Button>
  );
}
