import { useMutation, useQueryClient } from "@tanstack/react-query";
import { notify } from "@/components/notices";
import type { Operations } from "@/lib/api-types";
import { call } from "@/lib/call";

/** A write to a run: what shows the run is asked for again, and a refusal is told. */
export function useRunChange<P extends "runs/update" | "runs/set-tag" | "runs/delete-tag">(
  operation: P,
  runId: string,
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (question: Operations[P]["question"]) => call(operation, question),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["run", runId] }),
    onError: (error) => notify(error.message, { bad: true }),
  });
}
