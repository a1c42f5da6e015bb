import { Button } from "@mantine/core";
import { useMemo } from "react";
import { Empty } from "@/components/empty";
import { SearchBox } from "@/components/search-box";
import { CompareGrid } from "@/features/compare/compare-grid";
import { type CompareSection, sectionsOf, shownSections } from "@/features/compare/rows";
import { matcher } from "@/lib/fields";
import { count } from "@/lib/format";
import { useCompareView } from "./compare-view";
import styles from "./run.module.css";

/** Metrics, params, tags and attributes, a row for each name. */
export function CompareValues() {
  const view = useCompareView();
  const { data = [], experiments } = view;
  const sections = useMemo(() => {
    const names = new Map(experiments?.map((each) => [each.experiment_id, each.name]));
    return sectionsOf(data, (id) => names.get(id) ?? id);
  }, [data, experiments]);
  return <CompareSections label="Values" sections={sections} />;
}

/** Rows with what chooses among them: a search, and whether equal ones are shown. */
export function CompareSections(props: { label: string; sections: readonly CompareSection[] }) {
  const { label, sections } = props;
  const view = useCompareView();
  const { q = "", all } = view.search;
  const onlyDifferences = all !== "on";
  const shown = useMemo(
    () => shownSections(sections, matcher(q), onlyDifferences),
    [sections, q, onlyDifferences],
  );
  return (
    <>
      <div className={styles.tools}>
        <SearchBox
          label="Find rows: text, * or /regex/"
          value={q}
          onChange={(text) => view.change({ q: text })}
        />
        <label className={styles.switch}>
          <input
            type="checkbox"
            checked={onlyDifferences}
            onChange={(event) => view.change({ all: event.target.checked ? undefined : "on" })}
          />
          Only differences
        </label>
        <span className="dim" role="status">
          {count(size(shown))} of {count(size(sections))} rows
        </span>
      </div>
      {shown.length === 0 ? (
        <Empty title={q ? "No row has such a name" : "Nothing differs"}>
          {onlyDifferences && (
            <Button onClick={() => view.change({ all: "on" })}>Show equal rows too</Button>
          )}
        </Empty>
      ) : (
        <CompareGrid
          label={label}
          runs={view.runs}
          baseline={view.baseline}
          sections={shown}
          onBaseline={view.onBaseline}
          onRemove={view.onRemove}
        />
      )}
    </>
  );
}

const size = (sections: readonly CompareSection[]): number =>
  sections.reduce((sum, { rows }) => sum + rows.length, 0);
