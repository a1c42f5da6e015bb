import { infiniteQueryOptions } from "@tanstack/react-query";
import { call } from "@/lib/call";
import { pace, timed } from "@/lib/live";

export const PAGE = 1_000;
const NAME = "experiments";
const LEAST_MS = 5_000;

/** Active experiments whose name holds `text`, page by page. */
export const searchExperiments = (text: string) =>
  infiniteQueryOptions({
    queryKey: ["experiments", text],
    queryFn: ({ pageParam, signal }) =>
      timed(NAME, () =>
        call(
          "experiments/search",
          { max_results: PAGE, page_token: pageParam, filter: nameFilter(text) },
          signal,
        ),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_page_token ?? undefined,
    placeholderData: (previous) => previous,
    refetchInterval: pace(NAME, LEAST_MS),
  });

/** A quote inside is written twice; `%` and `_` keep their meaning as wildcards. */
const nameFilter = (text: string): string | undefined =>
  text.trim() === "" ? undefined : `name ILIKE '%${text.trim().replaceAll("'", "''")}%'`;
