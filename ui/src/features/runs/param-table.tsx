import { useMemo, useState } from "react";
import { Rows } from "@/components/rows";
import { SearchBox } from "@/components/search-box";
import { Section } from "@/components/section";
import type { Param } from "@/lib/api-types";
import { matcher } from "@/lib/fields";
import styles from "./run-parts.module.css";

const HEIGHT = 420;
const SEARCHED_FROM = 9;

/** The params of a run, found by their name or value. */
export function ParamTable({ params }: { params: readonly Param[] }) {
  const [pattern, setPattern] = useState("");
  const found = useMemo(() => {
    const matches = matcher(pattern);
    return params.filter(({ key, value = "" }) => matches(key) || matches(value));
  }, [params, pattern]);
  const search = params.length >= SEARCHED_FROM && (
    <SearchBox label="Find params" value={pattern} onChange={setPattern} />
  );
  return (
    <Section id="params" title="Parameters" count={params.length} aside={search}>
      {found.length === 0 ? (
        <p className="faint">{params.length === 0 ? "None logged." : "None found."}</p>
      ) : (
        <Rows
          label="Parameters"
          count={found.length}
          height={HEIGHT}
          row={(index) => (
            <div className={styles.row} role="presentation">
              <span role="cell" title={found[index]?.key}>
                {found[index]?.key}
              </span>
              <span role="cell" title={found[index]?.value}>
                {found[index]?.value}
              </span>
            </div>
          )}
        />
      )}
    </Section>
  );
}
