import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { categories, named, runValues } from "@/features/charts/run-values";
import type { RunSet } from "@/features/runs/tabulate-runs";

const ANY = 3;
const MOST_RUNS = 500;

/** The different values of a field among some runs, and which of them each run has. */
export interface Parted {
  readonly field: string;
  readonly names: readonly string[];
  readonly placeOf: ReadonlyMap<string, number>;
}

/** Some runs by a field that colours, dashes or panels go by; nothing until it is known. */
export function useParted(
  runs: RunSet,
  ids: readonly string[],
  field: string | undefined,
): Parted | undefined {
  const text = ids.slice(0, MOST_RUNS).join();
  const asked = useMemo(
    () => ({
      experiment_ids: runs.experiment_ids,
      run_view_type: ANY,
      filter: `attributes.run_id IN (${text
        .split(",")
        .map((id) => `'${id}'`)
        .join()})`,
    }),
    [runs.experiment_ids, text],
  );
  const fields = useMemo(() => (field ? [field] : []), [field]);
  const { data } = useQuery(runValues(asked, fields, field !== undefined && text !== ""));
  return useMemo(() => {
    const [values] = data?.columns ?? [];
    if (!data || !values || values.field !== field) return undefined;
    const names = categories(values);
    const places = new Map(names.map((name, place) => [name, place]));
    const placeOf = new Map(
      data.ids.map((id, i) => [id, places.get(named(values.texts[i])) ?? 0] as const),
    );
    return { field, names, placeOf };
  }, [data, field]);
}
