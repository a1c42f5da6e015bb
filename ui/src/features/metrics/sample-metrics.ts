import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { SampledSeries } from "@/lib/api-types";
import { call } from "@/lib/call";
import { LIVE_MS, pace, timed } from "@/lib/live";

const NAME = "sample";

/** The steps that a chart was zoomed to. */
export interface Steps {
  readonly start: number;
  readonly end: number;
}

export interface SampleQuestion {
  readonly runIds: readonly string[];
  readonly keys: readonly string[];
  readonly points: number;
  readonly steps?: Steps;
  /** The metric that places the points, if not step or time. */
  readonly xKey?: string;
  /** Whether more points may come. */
  readonly live: boolean;
  readonly enabled: boolean;
}

/** Points to draw: at most `points` a series, with every extreme among them. */
export const sampleMetrics = ({
  runIds,
  keys,
  points,
  steps,
  xKey,
  live,
  enabled,
}: SampleQuestion) =>
  queryOptions({
    queryKey: ["sample", runIds, keys, points, steps, xKey],
    queryFn: ({ signal }): Promise<SampledSeries[]> =>
      timed(NAME, () =>
        call(
          "headrace/metrics/sample",
          {
            run_ids: [...runIds],
            metric_keys: [...keys],
            max_points: points,
            start_step: steps?.start,
            end_step: steps?.end,
            x_metric_key: xKey,
          },
          signal,
        ),
      ).then(({ series = [] }) => series),
    placeholderData: keepPreviousData,
    enabled,
    staleTime: live ? LIVE_MS : 30_000,
    refetchInterval: live ? pace(NAME, LIVE_MS / 2) : false,
  });
