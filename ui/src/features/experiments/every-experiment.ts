import { queryOptions } from "@tanstack/react-query";
import type { Experiment } from "@/lib/api-types";
import { call } from "@/lib/call";

const PAGE = 1_000;
const ANY = 3;

/** All experiments, active and deleted: for what is not about one of them. */
export const everyExperiment = () =>
  queryOptions({
    queryKey: ["experiments", "every"],
    queryFn: async ({ signal }): Promise<Experiment[]> => {
      const found: Experiment[] = [];
      let page_token: string | undefined;
      do {
        const question = { view_type: ANY, max_results: PAGE, page_token } as const;
        const answer = await call("experiments/search", question, signal);
        found.push(...(answer.experiments ?? []));
        page_token = answer.next_page_token || undefined;
      } while (page_token);
      return found;
    },
    staleTime: 30_000,
  });
