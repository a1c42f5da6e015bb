import { infiniteQueryOptions } from "@tanstack/react-query";
import { call } from "@/lib/call";
import { pace, timed } from "@/lib/live";

export const PAGE = 1_000;
const NAME = "experiments";
const LEAST_MS = 5_000;
const ACTIVE = 1;
const DELETED = 2;
// What only a filter of the search language has; a name alone is searched for as a text.
const FILTER = /[=<>]|\b(i?like|in|between|is)\b.*['"(]|\bis\s+(not\s+)?null\b/i;

/** Experiments that a filter matches, or whose name holds `text`, page by page. */
export const searchExperiments = (text: string, deleted: boolean) =>
  infiniteQueryOptions({
    queryKey: ["experiments", text, deleted],
    queryFn: ({ pageParam, signal }) =>
      timed(NAME, () =>
        call(
          "experiments/search",
          {
            max_results: PAGE,
            page_token: pageParam,
            filter: filterOf(text),
            view_type: deleted ? DELETED : ACTIVE,
          },
          signal,
        ),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_page_token ?? undefined,
    placeholderData: (previous) => previous,
    refetchInterval: pace(NAME, LEAST_MS),
  });

/** A quote inside a name is written twice; `%` and `_` keep their meaning as wildcards. */
export function filterOf(text: string): string | undefined {
  const given = text.trim();
  if (given === "") return undefined;
  return FILTER.test(given) ? given : `name ILIKE '%${given.replaceAll("'", "''")}%'`;
}
