import { Button, Menu } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { Ago } from "@/components/ago";
import { Failure } from "@/components/failure";
import { Down } from "@/components/icons";
import { Section } from "@/components/section";
import { SkeletonRows } from "@/components/skeleton-rows";
import { Snippet } from "@/components/snippet";
import { Activity } from "@/features/registry/activity";
import { Against } from "@/features/registry/against";
import { changed, describeVersion } from "@/features/registry/change-models";
import { Lineage } from "@/features/registry/lineage";
import { MoveForm } from "@/features/registry/move-form";
import { getModel, getVersion, pendingRequests, policyOf } from "@/features/registry/queries";
import { RequestCard } from "@/features/registry/request-card";
import { StageBar } from "@/features/registry/stage-bar";
import { Note } from "@/features/runs/note";
import { TagTable } from "@/features/runs/tag-table";
import type { ModelVersion } from "@/lib/api-types";
import { call } from "@/lib/call";
import { useTitle } from "@/lib/title";
import run from "./run.module.css";

const route = getRouteApi("/models/$modelName/versions/$version");
const STAGES = ["None", "Staging", "Production", "Archived"];

/** A version: where it stands, what is asked for it, and the evidence for the decision. */
export function ModelVersionPage() {
  const { modelName: name, version } = route.useParams();
  const { data, error, refetch } = useQuery(getVersion(name, version));
  useTitle(`${name} ${version}`);
  if (error && !data) return <Failure error={error} retry={refetch} />;
  if (!data) {
    return (
      <div className={run.page}>
        <SkeletonRows rows={8} />
      </div>
    );
  }
  return <Version version={data} />;
}

function Version({ version: one }: { version: ModelVersion }) {
  const { name, version } = one;
  const latest = useQuery(getModel(name)).data?.latest_versions ?? [];
  const stages = useQuery(policyOf(name)).data?.stages ?? STAGES;
  const pending = (useQuery(pendingRequests(name)).data ?? []).filter(
    (each) => each.version === version,
  );
  const production = latest.find((each) => each.current_stage === "Production");
  return (
    <div className={run.page}>
      <header className={run.head}>
        <div className={run.grow}>
          <h1 className={run.title}>
            {name} <span className="dim">version {version}</span>
          </h1>
          <p className="dim">
            registered <Ago time={one.creation_timestamp} />
            {one.user_id && <> by {one.user_id}</>}
          </p>
        </div>
        <StageMenu version={one} stages={stages} />
      </header>
      <StageBar stages={stages} version={one} latest={latest} />
      <div className={run.overview}>
        <div className={run.wide}>
          {pending.map((request) => (
            <RequestCard key={request.id} request={request} />
          ))}
          {production && production.version !== version && (
            <Against version={one} other={production} />
          )}
          <Lineage version={one} />
          <Section id="use" title="Use it">
            <Snippet code={`headrace.pyfunc.load_model("models:/${name}/${version}")`} />
          </Section>
        </div>
        <Side version={one} />
      </div>
    </div>
  );
}

function StageMenu(props: { version: ModelVersion; stages: readonly string[] }) {
  const { name, version, current_stage } = props.version;
  const [stage, setStage] = useState<string>();
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button rightSection={<Down />}>Move</Button>
        </Menu.Target>
        <Menu.Dropdown>
          {props.stages
            .filter((one) => one !== current_stage)
            .map((one) => (
              <Menu.Item key={one} onClick={() => setStage(one)}>
                to {one}
              </Menu.Item>
            ))}
        </Menu.Dropdown>
      </Menu>
      {stage && <MoveForm {...{ name, version, stage }} onClose={() => setStage(undefined)} />}
    </>
  );
}

function Side({ version: one }: { version: ModelVersion }) {
  const queries = useQueryClient();
  const { name, version, tags = [] } = one;
  const deed = { name, version, user_id: undefined };
  const setTag = (key: string, value: string) =>
    changed(
      queries,
      () => call("model-versions/set-tag", { name, version, key, value }),
      "Tag saved",
    );
  const deleteTag = (key: string) =>
    changed(
      queries,
      () => call("model-versions/delete-tag", { name, version, key }),
      "Tag removed",
    );
  return (
    <div className={run.side}>
      <Note
        title="Description"
        ask="What changed?"
        text={one.description ?? ""}
        onSave={(text) => describeVersion(queries, deed, text)}
      />
      <Activity name={name} version={version} />
      <TagTable
        tags={tags.map(({ key, value = "" }) => ({ key, value }))}
        onSet={setTag}
        onDelete={deleteTag}
      />
    </div>
  );
}
