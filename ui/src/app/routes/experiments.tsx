import { Button, Menu } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { Failure, FailureLine } from "@/components/failure";
import { Down, Plus } from "@/components/icons";
import { PAUSE_MS, SearchBox } from "@/components/search-box";
import { SkeletonRows } from "@/components/skeleton-rows";
import { moveExperiments } from "@/features/experiments/change-experiments";
import { ExperimentTable } from "@/features/experiments/experiment-table";
import { listed } from "@/features/experiments/folders";
import type { Experiment } from "@/lib/api-types";
import { Refusal } from "@/lib/call";
import { count, counted } from "@/lib/format";
import { useTitle } from "@/lib/title";
import styles from "./experiments.module.css";
import { EditExperiment, NewExperiment } from "./experiments-edit";
import { FirstRun, NoneFound } from "./experiments-empty";
import { useExperiments } from "./experiments-found";

const route = getRouteApi("/experiments");
const NEWEST_FIRST = "-activity";

export function ExperimentsPage() {
  const search = route.useSearch();
  const { q = "", sort = NEWEST_FIRST, state, fold, sel } = search;
  const navigate = route.useNavigate();
  const queries = useQueryClient();
  const [edited, edit] = useState<Experiment>();
  useTitle("Experiments");
  const deleted = state === "deleted";
  const found = useExperiments(q, deleted);
  const folded = useMemo(() => new Set(q === "" ? splitPaths(fold) : []), [fold, q]);
  const selected = useMemo(() => new Set(sel?.split(",") ?? []), [sel]);
  const lines = useMemo(() => listed(found.lines, sort, folded), [found.lines, sort, folded]);
  const change = (part: Partial<typeof search>) =>
    navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  const refused = found.error instanceof Refusal && found.error.status === 400;
  if (found.error && !refused && lines.length === 0)
    return <Failure error={found.error} retry={found.refetch} />;
  const untouched = q === "" && !deleted && found.ready && found.runs === 0;
  const move = (ids: readonly string[]) => {
    change({ sel: undefined });
    return moveExperiments(queries, deleted ? "restore" : "delete", ids);
  };
  return (
    <div className={styles.page}>
      <h1>Experiments</h1>
      <div className={styles.bar}>
        <SearchBox
          label="Search experiments by name"
          value={q}
          pauseMs={PAUSE_MS}
          onChange={(text) => change({ q: text })}
        />
        <StateMenu
          deleted={deleted}
          onChange={(next) => change({ state: next ? "deleted" : undefined, sel: undefined })}
        />
        <span className="dim">{found.loaded ? counted(found.lines.length, "experiment") : ""}</span>
        <span className={styles.grow} />
        <Button leftSection={<Plus />} data-new onClick={() => change({ new: "on" })}>
          New experiment
        </Button>
      </div>
      {found.error && <FailureLine error={found.error} retry={found.refetch} />}
      {!found.loaded ? (
        !refused && <SkeletonRows rows={8} />
      ) : lines.length === 0 ? (
        <NoneFound text={q} deleted={deleted} />
      ) : (
        <ExperimentTable
          {...{ lines, selected, sort }}
          onSort={(by) => change({ sort: by })}
          onFold={(path) => change({ fold: joinPaths(toggledAll(folded, [path])) })}
          onSelect={(ids) => change({ sel: [...toggledAll(selected, ids)].join() })}
          onEdit={edit}
          onMove={(one) => move([one.experiment_id])}
        />
      )}
      {selected.size > 0 && (
        <Chosen
          ids={[...selected]}
          deleted={deleted}
          onMove={() => move([...selected])}
          onClear={() => change({ sel: undefined })}
        />
      )}
      {untouched && <FirstRun />}
      {search.new && <NewExperiment onClose={() => change({ new: undefined })} />}
      {edited && <EditExperiment experiment={edited} onClose={() => edit(undefined)} />}
    </div>
  );
}

/** All of `those` if one of them was missing, else none of them; the others stay as they are. */
function toggledAll(all: ReadonlySet<string>, those: readonly string[]): Set<string> {
  const next = new Set(all);
  const complete = those.every((one) => all.has(one));
  for (const one of those) complete ? next.delete(one) : next.add(one);
  return next;
}

// A folder's path ends with a slash, so that what stands between two of them is read back.
const splitPaths = (text = ""): string[] => text.match(/.*?\/(?=,|$)/g)?.map(trimmed) ?? [];
const trimmed = (path: string): string => path.replace(/^,/, "");
const joinPaths = (paths: ReadonlySet<string>): string => [...paths].join();

function StateMenu(props: { deleted: boolean; onChange: (deleted: boolean) => void }) {
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button rightSection={<Down />}>{props.deleted ? "Deleted" : "Active"}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => props.onChange(false)}>Active experiments</Menu.Item>
        <Menu.Item onClick={() => props.onChange(true)}>Deleted experiments</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

interface ChosenProps {
  ids: readonly string[];
  deleted: boolean;
  onMove: () => void;
  onClear: () => void;
}

/** What can be done with the selected experiments. */
function Chosen({ ids, deleted, onMove, onClear }: ChosenProps) {
  return (
    <div className={styles.foot}>
      <b role="status">{count(ids.length)} selected</b>
      <span className={styles.grow} />
      {!deleted && ids.length > 1 && (
        <Button
          variant="filled"
          renderRoot={(props) => (
            <Link
              {...props}
              to="/experiments/$experimentId"
              params={{ experimentId: [...ids].sort().join() }}
            />
          )}
        >
          Runs in one table
        </Button>
      )}
      <Button onClick={onClear}>Clear selection</Button>
      <Button onClick={onMove}>{deleted ? "Restore" : "Delete"}</Button>
    </div>
  );
}
