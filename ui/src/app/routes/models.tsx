import { Button } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Ago } from "@/components/ago";
import { Empty } from "@/components/empty";
import { Failure, FailureLine } from "@/components/failure";
import { PAUSE_MS, SearchBox } from "@/components/search-box";
import { SkeletonRows } from "@/components/skeleton-rows";
import { Snippet } from "@/components/snippet";
import { pendingRequests, searchModels } from "@/features/registry/queries";
import styles from "@/features/registry/registry.module.css";
import type { RegisteredModel } from "@/lib/api-types";
import { Refusal } from "@/lib/call";
import { counted } from "@/lib/format";
import { useTitle } from "@/lib/title";
import page from "./experiments.module.css";

const route = getRouteApi("/models");

/** All registered models. */
export function ModelsPage() {
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  useTitle("Models");
  const { data, error, refetch, hasNextPage, fetchNextPage } = useInfiniteQuery(searchModels(q));
  const pending = useQuery(pendingRequests()).data ?? [];
  const models = data?.pages.flatMap((one) => one.registered_models ?? []);
  const refused = error instanceof Refusal && error.status === 400;
  if (error && !refused && !models) return <Failure error={error} retry={refetch} />;
  return (
    <div className={page.page}>
      <h1>Models</h1>
      <div className={page.bar}>
        <SearchBox
          label="Search models by name"
          value={q}
          pauseMs={PAUSE_MS}
          onChange={(text) => navigate({ search: { q: text || undefined }, replace: true })}
        />
        <span className={page.grow} />
        <Link className="link" to="/requests">
          {counted(pending.length, "pending request")}
        </Link>
      </div>
      {error && <FailureLine error={error} retry={refetch} />}
      {!models ? (
        !refused && <SkeletonRows rows={8} />
      ) : models.length === 0 ? (
        <NoModels text={q} />
      ) : (
        <div className={styles.scroller}>
          <table className={styles.table} aria-label="Registered models">
            <thead>
              <tr>
                <th>Name</th>
                <th>Latest version</th>
                <th>Staging</th>
                <th>Production</th>
                <th>Aliases</th>
                <th>Changed</th>
              </tr>
            </thead>
            <tbody>
              {models.map((model) => (
                <ModelRow key={model.name} model={model} />
              ))}
            </tbody>
          </table>
          {hasNextPage && <Button onClick={() => fetchNextPage()}>Show more</Button>}
        </div>
      )}
    </div>
  );
}

function ModelRow({ model }: { model: RegisteredModel }) {
  const latest = model.latest_versions ?? [];
  const highest = latest.map(({ version }) => Number(version)).sort((a, b) => b - a)[0];
  return (
    <tr>
      <td>
        <Link to="/models/$modelName" params={{ modelName: model.name }} title={model.name}>
          {model.name}
        </Link>
      </td>
      <td>{highest && <VersionLink name={model.name} version={String(highest)} />}</td>
      {["Staging", "Production"].map((stage) => {
        const there = latest.find((one) => one.current_stage === stage);
        return (
          <td key={stage}>{there && <VersionLink name={model.name} version={there.version} />}</td>
        );
      })}
      <td>
        {model.aliases?.map(({ alias, version }) => (
          <span key={alias} className={styles.tag}>
            @{alias} {version}
          </span>
        ))}
      </td>
      <td>
        <Ago time={model.last_updated_timestamp} />
      </td>
    </tr>
  );
}

function VersionLink({ name, version }: { name: string; version: string }) {
  return (
    <Link
      className="link"
      to="/models/$modelName/versions/$version"
      params={{ modelName: name, version }}
    >
      Version {version}
    </Link>
  );
}

function NoModels({ text }: { text: string }) {
  if (text) {
    return (
      <Empty title="No model matches">
        <p>
          A name's part is searched for, or a filter such as <code>tags.team = 'vision'</code>.
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="No models yet">
      <p>A model that was logged is registered by its URI, or as it is logged.</p>
      <Snippet
        code={[
          "import headrace",
          "",
          'headrace.sklearn.log_model(model, registered_model_name="prices")',
          'headrace.register_model("models:/m-...", "prices")',
        ].join("\n")}
      />
    </Empty>
  );
}
