import type { QueryClient } from "@tanstack/react-query";
import { told } from "@/components/notices";
import { call } from "@/lib/call";

/** Which version is meant, and who does something about it. */
export interface Deed {
  readonly name: string;
  readonly version: string;
  readonly user_id: string | undefined;
}

/** A write to registered models, after which whatever shows any is asked for again. */
export async function changed(
  queries: QueryClient,
  write: () => Promise<unknown>,
  done: string,
): Promise<boolean> {
  const well = await told(write, done);
  await queries.invalidateQueries({ queryKey: ["models"] });
  return well;
}

export const requestMove = (queries: QueryClient, deed: Deed, stage: string, comment: string) =>
  changed(
    queries,
    () => call("transition-requests/create", { ...deed, stage, comment: comment || undefined }),
    `Requested: version ${deed.version} to ${stage}`,
  );

export const moveNow = (queries: QueryClient, deed: Deed, stage: string, archive: boolean) =>
  changed(
    queries,
    () =>
      call("model-versions/transition-stage", {
        ...deed,
        stage,
        archive_existing_versions: archive,
      }),
    `Version ${deed.version} is in ${stage}`,
  );

export const decide = (
  queries: QueryClient,
  deed: Deed,
  stage: string,
  decision: "approve" | "reject" | "delete",
  comment: string,
) =>
  changed(
    queries,
    () =>
      call(`transition-requests/${decision}`, { ...deed, stage, comment: comment || undefined }),
    { approve: "Approved", reject: "Rejected", delete: "Taken back" }[decision],
  );

export const commentOn = (queries: QueryClient, deed: Deed, comment: string) =>
  changed(queries, () => call("comments/create", { ...deed, comment }), "Comment added");

export const describeVersion = (queries: QueryClient, deed: Deed, description: string) =>
  changed(
    queries,
    () => call("model-versions/update", { name: deed.name, version: deed.version, description }),
    "Description saved",
  );

export const describeModel = (queries: QueryClient, name: string, description: string) =>
  changed(
    queries,
    () => call("registered-models/update", { name, description }),
    "Description saved",
  );
