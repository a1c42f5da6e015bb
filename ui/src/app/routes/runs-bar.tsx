import { Button, Menu } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { Down } from "@/components/icons";
import { notify } from "@/components/notices";
import { useExperiments } from "@/features/experiments/get-experiment";
import { FilterBox } from "@/features/filter/filter-box";
import { ColumnPicker } from "@/features/runs/column-picker";
import type { Column } from "@/features/runs/columns";
import { DownloadRuns } from "@/features/runs/download-runs";
import { type Dull, findVariation, withoutDull } from "@/features/runs/find-variation";
import { GroupMenu } from "@/features/runs/group-menu";
import { ViewsMenu } from "@/features/views/views-menu";
import { joinFields } from "@/lib/fields";
import styles from "./runs.module.css";
import { CHARTS, type useRunsView } from "./runs-view";

const CHART_WORDS: Record<(typeof CHARTS)[number], string> = {
  beside: "Beside the table",
  wide: "Wide, beside the names",
  off: "Off",
};

interface Props {
  experimentIds: readonly string[];
  view: ReturnType<typeof useRunsView>;
  all: readonly Column[];
  shown: readonly string[];
  error: Error | null;
}

/** The question at the top of the table. */
export function RunsBar({ experimentIds, view, all, shown, error }: Props) {
  const { filter, deleted, nested, charts, change } = view;
  const fields = useMemo(() => all.map(({ id }) => id), [all]);
  const queries = useQueryClient();
  const experiment = useExperiments(experimentIds).experiments[0];
  const hide = async (dull: Dull) => {
    try {
      const variation = await queries.fetchQuery(findVariation(view.question.all));
      view.onColumns(withoutDull(view.columns, dull, variation));
    } catch (failure) {
      notify((failure as Error).message, { bad: true });
    }
  };
  return (
    <div className={styles.bar}>
      <FilterBox
        experimentIds={experimentIds}
        fields={fields}
        value={filter}
        error={error}
        onApply={(q) => change({ q }, true)}
      />
      <div className={styles.buttons}>
        {experiment && experimentIds.length === 1 && (
          <ViewsMenu experiment={experiment} current={view.text} onOpen={view.show} />
        )}
        <Menu position="bottom-start">
          <Menu.Target>
            <Button rightSection={<Down />}>{deleted ? "Deleted" : "Active"}</Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => change({ state: undefined, sel: undefined })}>
              Active runs
            </Menu.Item>
            <Menu.Item onClick={() => change({ state: "deleted", sel: undefined })}>
              Deleted runs
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <GroupMenu
          all={all}
          by={view.by}
          onChange={(by) => change({ by: joinFields(by) || undefined, gsort: undefined }, true)}
        />
        <Button
          aria-pressed={nested}
          title="Without a filter, list child runs below their parents"
          onClick={() => change({ nested: nested ? "off" : undefined })}
        >
          {nested ? "Nested" : "Flat"}
        </Button>
        <Menu position="bottom-start">
          <Menu.Target>
            <Button rightSection={<Down />}>Charts {charts}</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {CHARTS.map((where) => (
              <Menu.Item
                key={where}
                onClick={() => change({ charts: where === "beside" ? undefined : where })}
              >
                {CHART_WORDS[where]}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <ColumnPicker all={all} shown={shown} onChange={view.onColumns} onHide={hide} />
        <DownloadRuns question={view.question.table} columns={view.columns} />
      </div>
    </div>
  );
}
