import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { filterOf } from "@/features/experiments/search-experiments";
import { call } from "@/lib/call";
import { LIVE_MS } from "@/lib/live";

const PAGE = 100;
const VERSIONS_A_PAGE = 200;
const EVERY_MS = 5 * LIVE_MS;

/** Registered models that a filter matches, or whose name holds `text`, page by page. */
export const searchModels = (text: string) =>
  infiniteQueryOptions({
    queryKey: ["models", text],
    queryFn: ({ pageParam, signal }) =>
      call(
        "registered-models/search",
        { filter: filterOf(text), max_results: PAGE, page_token: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_page_token ?? undefined,
    placeholderData: (previous) => previous,
    refetchInterval: EVERY_MS,
  });

/** A registered model with its tags and aliases. */
export const getModel = (name: string) =>
  queryOptions({
    queryKey: ["models", "one", name],
    queryFn: ({ signal }) =>
      call("registered-models/get", { name }, signal).then((answer) => answer.registered_model),
    refetchInterval: EVERY_MS,
  });

/** The versions of a model, the newest first, page by page. */
export const searchVersions = (name: string) =>
  infiniteQueryOptions({
    queryKey: ["models", "versions", name],
    queryFn: ({ pageParam, signal }) =>
      call(
        "model-versions/search",
        {
          filter: `name = '${name.replaceAll("'", "''")}'`,
          order_by: ["version_number DESC"],
          max_results: VERSIONS_A_PAGE,
          page_token: pageParam,
        },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_page_token ?? undefined,
    refetchInterval: EVERY_MS,
  });

/** One version, with its tags and aliases. */
export const getVersion = (name: string, version: string) =>
  queryOptions({
    queryKey: ["models", "version", name, version],
    queryFn: ({ signal }) =>
      call("model-versions/get", { name, version }, signal).then((answer) => answer.model_version),
    refetchInterval: EVERY_MS,
  });

/** Requests that wait to be decided on: about a model, or about all. */
export const pendingRequests = (name?: string) =>
  queryOptions({
    queryKey: ["models", "requests", name],
    queryFn: ({ signal }) =>
      call("transition-requests/list", { name }, signal).then((answer) => answer.requests ?? []),
    refetchInterval: EVERY_MS,
  });

/** What happened to a version, the newest first. */
export const activitiesOf = (name: string, version: string) =>
  queryOptions({
    queryKey: ["models", "activities", name, version],
    queryFn: ({ signal }) =>
      call("headrace/model-versions/activities", { name, version, max_results: 100 }, signal).then(
        (answer) => answer.activities ?? [],
      ),
    refetchInterval: EVERY_MS,
  });

/** The stages of a model and the rules for moves between them. */
export const policyOf = (name: string) =>
  queryOptions({
    queryKey: ["models", "policy", name],
    queryFn: ({ signal }) =>
      call("headrace/model-policies/get", { name }, signal).then((answer) => answer.policy),
  });

/** Whether a version may move to a stage, and what stands in the way. */
export const checkMove = (name: string, version: string, stage: string) =>
  queryOptions({
    queryKey: ["models", "check", name, version, stage],
    queryFn: ({ signal }) =>
      call("headrace/model-versions/check-transition", { name, version, stage }, signal),
  });
