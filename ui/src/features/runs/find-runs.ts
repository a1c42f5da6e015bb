import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { RunRow } from "@/lib/api-types";
import { call } from "@/lib/call";

const MOST = 8;
const ACTIVE = 1;

/** Active runs of any experiment that a text names: by a part of their name or note, or the start of their id. */
export const findRuns = (text: string, experimentIds: readonly string[]) =>
  queryOptions({
    queryKey: ["runs", "found", text],
    queryFn: ({ signal }): Promise<RunRow[]> =>
      call(
        "headrace/runs/table",
        {
          experiment_ids: [...experimentIds],
          filter: namedBy(text.trim().replaceAll("'", "''")),
          run_view_type: ACTIVE,
          max_results: MOST,
          count: false,
        },
        signal,
      ).then(({ rows = [] }) => rows),
    enabled: text.trim() !== "" && experimentIds.length > 0,
    placeholderData: keepPreviousData,
  });

const namedBy = (text: string): string =>
  [
    `attributes.run_name ILIKE '%${text}%'`,
    `attributes.run_id LIKE '${text.toLowerCase()}%'`,
    `tags.\`mlflow.note.content\` ILIKE '%${text}%'`,
  ].join(" OR ");
