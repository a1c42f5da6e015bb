import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { notify } from "@/components/notices";
import { everyExperiment } from "@/features/experiments/every-experiment";
import { findRuns } from "@/features/runs/find-runs";
import { copyText } from "@/lib/clipboard";
import { count } from "@/lib/format";
import { shownName } from "@/lib/run-name";
import { choose } from "@/lib/theme";

/** Something that the palette leads to or does. */
export interface Entry {
  readonly id: string;
  readonly kind: "page" | "action" | "experiment" | "run";
  readonly label: string;
  readonly hint?: string;
  readonly act: () => void;
}

const MOST_EXPERIMENTS = 8;

/** What a text finds; runs are asked for once the text is settled. */
export function useEntries(text: string, settled: string, onHelp: () => void) {
  const fixed = useFixed(onHelp);
  const experiments = useExperiments(text);
  const runs = useRuns(settled, experiments.ids);
  const words = text.trim().toLowerCase();
  const pages = fixed.filter(({ label }) => label.toLowerCase().includes(words));
  return {
    entries: words
      ? [...experiments.entries, ...runs.entries, ...pages]
      : [...pages, ...experiments.entries],
    error: experiments.error ?? runs.error,
    busy: settled !== text || runs.busy,
  };
}

function useFixed(onHelp: () => void): Entry[] {
  const navigate = useNavigate();
  const action = (label: string, act: () => void, hint?: string): Entry => ({
    ...{ id: label, kind: "action", label, act, hint },
  });
  return [
    {
      ...{ id: "experiments", kind: "page", label: "Experiments", hint: "g e" },
      act: () => navigate({ to: "/experiments" }),
    },
    {
      ...{ id: "deleted", kind: "page", label: "Deleted experiments" },
      act: () => navigate({ to: "/experiments", search: { state: "deleted" } }),
    },
    action("New experiment", () => navigate({ to: "/experiments", search: { new: "on" } }), "n"),
    action("Copy the address of this page", async () => {
      await copyText(window.location.href);
      notify("Address copied");
    }),
    action("Light colours", () => choose("light")),
    action("Dark colours", () => choose("dark")),
    action("Colours as the system has them", () => choose("system")),
    action("Keyboard shortcuts", onHelp, "?"),
  ];
}

function useExperiments(text: string) {
  const navigate = useNavigate();
  const { data, error } = useQuery(everyExperiment());
  const active = useMemo(
    () => data?.filter(({ lifecycle_stage }) => lifecycle_stage === "active") ?? [],
    [data],
  );
  const ids = useMemo(() => active.map(({ experiment_id }) => experiment_id), [active]);
  const words = text.trim().toLowerCase();
  const found = active
    .filter((each) => each.name.toLowerCase().includes(words) || each.experiment_id === words)
    .sort((a, b) => (b.last_update_time ?? 0) - (a.last_update_time ?? 0));
  const entries = found.slice(0, MOST_EXPERIMENTS).map(
    ({ experiment_id: experimentId, name }): Entry => ({
      ...{ id: `experiment ${experimentId}`, kind: "experiment", label: name },
      act: () => navigate({ to: "/experiments/$experimentId", params: { experimentId } }),
    }),
  );
  const more = found.length - entries.length;
  if (more > 0 && words) {
    entries.push({
      ...{ id: "more experiments", kind: "page", label: `${count(more)} more experiments` },
      act: () => navigate({ to: "/experiments", search: { q: text.trim() } }),
    });
  }
  return { entries, ids, error };
}

function useRuns(text: string, experimentIds: readonly string[]) {
  const navigate = useNavigate();
  const { data = [], error, isFetching } = useQuery(findRuns(text, experimentIds));
  const entries =
    text.trim() === ""
      ? []
      : data.map(
          (row): Entry => ({
            ...{
              id: `run ${row.run_id}`,
              kind: "run",
              label: shownName(row),
              hint: row.run_id.slice(0, 8),
            },
            act: () =>
              navigate({
                to: "/experiments/$experimentId/runs/$runId",
                params: { experimentId: row.experiment_id, runId: row.run_id },
              }),
          }),
        );
  return { entries, error, busy: isFetching };
}
