import { Button } from "@mantine/core";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Ago } from "@/components/ago";
import { Failure } from "@/components/failure";
import { Section } from "@/components/section";
import { SkeletonRows } from "@/components/skeleton-rows";
import { changed, describeModel } from "@/features/registry/change-models";
import { getModel, pendingRequests, searchVersions } from "@/features/registry/queries";
import styles from "@/features/registry/registry.module.css";
import { Note } from "@/features/runs/note";
import { TagTable } from "@/features/runs/tag-table";
import type { ModelVersion, RegisteredModel, TransitionRequest } from "@/lib/api-types";
import { call } from "@/lib/call";
import { useTitle } from "@/lib/title";
import run from "./run.module.css";

const route = getRouteApi("/models/$modelName");
const IDLE = new Set(["None", "Archived"]);

/** A registered model and its versions. */
export function ModelPage() {
  const { modelName: name } = route.useParams();
  const { data, error, refetch } = useQuery(getModel(name));
  useTitle(name);
  if (error && !data) return <Failure error={error} retry={refetch} />;
  if (!data) {
    return (
      <div className={run.page}>
        <SkeletonRows rows={8} />
      </div>
    );
  }
  return (
    <div className={run.page}>
      <header className={run.head}>
        <div className={run.grow}>
          <h1 className={run.title}>{name}</h1>
          <p className="dim">
            registered <Ago time={data.creation_timestamp} /> · changed{" "}
            <Ago time={data.last_updated_timestamp} />
          </p>
        </div>
      </header>
      <div className={run.overview}>
        <Versions model={data} />
        <Side model={data} />
      </div>
    </div>
  );
}

function Side({ model }: { model: RegisteredModel }) {
  const queries = useQueryClient();
  const { name, tags = [], aliases = [] } = model;
  const setTag = (key: string, value: string) =>
    changed(queries, () => call("registered-models/set-tag", { name, key, value }), "Tag saved");
  const deleteTag = (key: string) =>
    changed(queries, () => call("registered-models/delete-tag", { name, key }), "Tag removed");
  return (
    <div className={run.side}>
      <Note
        title="Description"
        ask="What is it for?"
        text={model.description ?? ""}
        onSave={(text) => describeModel(queries, name, text)}
      />
      <Section id="aliases" title="Aliases" count={aliases.length}>
        <p>
          {aliases.map(({ alias, version }) => (
            <span key={alias} className={styles.tag}>
              @{alias} → {version}
            </span>
          ))}
          {aliases.length === 0 && <span className="faint">None yet.</span>}
        </p>
      </Section>
      <TagTable
        tags={tags.map(({ key, value = "" }) => ({ key, value }))}
        onSet={setTag}
        onDelete={deleteTag}
      />
    </div>
  );
}

function Versions({ model }: { model: RegisteredModel }) {
  const { show } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, hasNextPage, fetchNextPage } = useInfiniteQuery(searchVersions(model.name));
  const pending = useQuery(pendingRequests(model.name)).data ?? [];
  const all = data?.pages.flatMap((one) => one.model_versions ?? []) ?? [];
  const shown = show === "active" ? all.filter((one) => !IDLE.has(one.current_stage)) : all;
  const choose = (next: string | undefined) => () =>
    navigate({ search: { show: next }, replace: true });
  const tabs = (
    <span>
      <Button variant={show ? "subtle" : "default"} onClick={choose(undefined)}>
        All
      </Button>{" "}
      <Button variant={show ? "default" : "subtle"} onClick={choose("active")}>
        Active
      </Button>
    </span>
  );
  return (
    <Section id="versions" title="Versions" count={shown.length} aside={tabs}>
      <div>
        <table className={styles.table} aria-label="Versions">
          <thead>
            <tr>
              <th>Version</th>
              <th>Registered at</th>
              <th>Created by</th>
              <th>Stage</th>
              <th>Pending requests</th>
              <th>Aliases and tags</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((version) => (
              <VersionRow
                key={version.version}
                version={version}
                aliases={model.aliases ?? []}
                pending={pending}
              />
            ))}
          </tbody>
        </table>
        {hasNextPage && <Button onClick={() => fetchNextPage()}>Show more</Button>}
      </div>
    </Section>
  );
}

interface RowProps {
  version: ModelVersion;
  aliases: readonly { alias: string; version: string }[];
  pending: readonly TransitionRequest[];
}

function VersionRow({ version: one, aliases, pending }: RowProps) {
  const asked = pending.filter(({ version }) => version === one.version);
  return (
    <tr>
      <td>
        <Link
          className="link"
          to="/models/$modelName/versions/$version"
          params={{ modelName: one.name, version: one.version }}
        >
          Version {one.version}
        </Link>
      </td>
      <td>
        <Ago time={one.creation_timestamp} />
      </td>
      <td>{one.user_id}</td>
      <td>{one.current_stage === "None" ? "" : one.current_stage}</td>
      <td>{asked.map(({ to_stage }) => `to ${to_stage}`).join(", ")}</td>
      <td>
        {aliases
          .filter(({ version }) => version === one.version)
          .map(({ alias }) => (
            <span key={alias} className={styles.tag}>
              @{alias}
            </span>
          ))}
        {one.tags?.map(({ key, value }) => (
          <span key={key} className={styles.tag} title={`${key} = ${value}`}>
            {key} = {value}
          </span>
        ))}
      </td>
    </tr>
  );
}
