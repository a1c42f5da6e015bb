import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Band } from "@/lib/api-types";
import { call } from "@/lib/call";
import { LIVE_MS, pace, timed } from "@/lib/live";
import type { Axis } from "./axis";
import type { Window } from "./points";

const NAME = "bands";
const POINTS = 200;

/** Which runs are grouped, and by what. */
export interface Grouping {
  readonly experiment_ids: string[];
  readonly filter: string | undefined;
  readonly run_view_type: number;
  readonly by: string[];
}

export interface BandQuestion {
  readonly grouping: Grouping;
  readonly metrics: readonly string[];
  readonly axis: Axis;
  readonly window: Window | undefined;
  readonly groups: number;
  readonly enabled: boolean;
}

/** Metrics of groups of runs as curves that the server makes of all their points. */
export const bandMetrics = ({ grouping, metrics, axis, window, groups, enabled }: BandQuestion) =>
  queryOptions({
    queryKey: ["bands", grouping, metrics, axis.x, axis.xKey, window, groups],
    queryFn: ({ signal }): Promise<Band[]> =>
      timed(NAME, () =>
        call(
          "headrace/metrics/bands",
          {
            ...grouping,
            metric_keys: [...metrics],
            x: axis.x,
            x_metric_key: axis.xKey,
            start: window?.from,
            end: window?.to,
            max_points: POINTS,
            max_groups: groups,
          },
          signal,
        ),
      ).then(({ bands = [] }) => bands),
    placeholderData: keepPreviousData,
    enabled,
    staleTime: LIVE_MS,
    refetchInterval: pace(NAME, 2 * LIVE_MS),
  });
