import { useQuery } from "@tanstack/react-query";
import type { CSSProperties } from "react";
import { Failure } from "@/components/failure";
import { SkeletonRows } from "@/components/skeleton-rows";
import { SortHead } from "@/components/sort-head";
import type { RunGroup, Spread } from "@/lib/api-types";
import { colourVariable } from "@/lib/colours";
import { count, counted, short } from "@/lib/format";
import type { Column } from "./columns";
import {
  fieldLabel,
  groupFilter,
  groupName,
  groupRuns,
  MOST_GROUPS,
  numberColumns,
  sortGroups,
} from "./group-runs";
import styles from "./run-groups.module.css";
import type { RunSet } from "./tabulate-runs";

interface Props {
  runs: RunSet;
  by: readonly string[];
  columns: readonly Column[];
  sort: string;
  /** How many of the largest groups are drawn, each in its colour. */
  coloured: number;
  onSort: (sort: string) => void;
  /** Shows the runs of one group, which the filter finds. */
  onOpen: (filter: string) => void;
}

/** Runs that share values as one line each: how many there are, and how their metrics spread. */
export function RunGroups({ runs, by, columns, sort, coloured, onSort, onOpen }: Props) {
  const metrics = numberColumns(columns);
  const query = useQuery(groupRuns(runs, by, metrics));
  if (query.error) return <Failure error={query.error} retry={query.refetch} />;
  if (!query.data) return <SkeletonRows rows={8} />;
  const { groups = [], total = 0, runs: matching = 0 } = query.data;
  const places = new Map(groups.slice(0, coloured).map((group, place) => [group, place]));
  const heads = [
    ...by.map((id) => [id, fieldLabel(id)] as const),
    ["count", "Runs"] as const,
    ...metrics.map(({ id, label }) => [id, label] as const),
  ];
  return (
    <div className={styles.whole}>
      <div className={styles.scroller}>
        <div
          role="table"
          aria-label="Groups of runs"
          aria-busy={query.isPlaceholderData}
          style={{ "--by": by.length, "--metrics": metrics.length } as CSSProperties}
        >
          <div role="row" className={styles.head}>
            {heads.map(([name, label]) => (
              <SortHead key={name} {...{ name, label, sort, onSort }} />
            ))}
          </div>
          {sortGroups(groups, sort, by, metrics).map((group) => (
            <Group
              key={JSON.stringify(group.values)}
              group={group}
              place={places.get(group) ?? -1}
              onOpen={() => onOpen(groupFilter(runs.filter ?? "", by, group))}
            />
          ))}
        </div>
      </div>
      <p className={styles.foot}>
        <b role="status">{counted(total, "group")}</b> of {counted(matching, "run")}
        {total > groups.length && <span> · the largest {count(MOST_GROUPS)} are shown</span>}
      </p>
    </div>
  );
}

interface GroupProps {
  group: RunGroup;
  place: number;
  onOpen: () => void;
}

function Group({ group, place, onOpen }: GroupProps) {
  const [first, ...others] = group.values ?? [];
  return (
    <div role="row" className={styles.row} data-curve={`group ${groupName(group.values ?? [])}`}>
      <span role="rowheader">
        {place >= 0 && <i className={styles.dot} style={{ background: colourVariable(place) }} />}
        <button type="button" title="Show these runs" onClick={onOpen}>
          <Value text={first} />
        </button>
      </span>
      {others.map((text, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the columns do not move
        <Cell key={i}>
          <Value text={text} />
        </Cell>
      ))}
      <Cell>{count(group.count)}</Cell>
      {group.spreads?.map((spread, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the columns do not move
        <Cell key={i} title={spread ? told(spread) : undefined}>
          {spread && <Mean spread={spread} />}
        </Cell>
      ))}
    </div>
  );
}

function Cell({ children, title }: { children: React.ReactNode; title?: string }) {
  return (
    <span role="cell" title={title}>
      {children}
    </span>
  );
}

const Value = ({ text }: { text: string | null | undefined }) =>
  text === null || text === undefined ? <i>none</i> : <bdi>{text === "" ? "(empty)" : text}</bdi>;

function Mean({ spread }: { spread: Spread }) {
  const std = spread.std === null || spread.std === undefined ? undefined : Number(spread.std);
  return (
    <>
      {short(Number(spread.mean))}
      {std !== undefined && <small> ± {short(Number(std.toPrecision(2)))}</small>}
    </>
  );
}

const told = ({ min, max, count: runs }: Spread): string =>
  `from ${short(Number(min))} to ${short(Number(max))}, of ${counted(runs, "run")}`;
