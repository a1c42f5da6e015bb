import { useMemo, useState } from "react";
import { Rows } from "@/components/rows";
import { SearchBox } from "@/components/search-box";
import { Section } from "@/components/section";
import { environmentSections } from "@/features/compare/environment";
import styles from "@/features/runs/run-parts.module.css";
import { matcher } from "@/lib/fields";
import { Facts } from "./facts";

const HEIGHT = 420;

/** What a run ran on and with, from the requirements that it recorded. */
export function Packages({ requirements }: { requirements: string }) {
  const [pattern, setPattern] = useState("");
  const sections = useMemo(() => environmentSections([requirements]), [requirements]);
  const matches = matcher(pattern);
  const [machine, packages] = sections;
  const found = (packages?.rows ?? []).filter(
    ({ key, cells }) => matches(key) || matches(cells[0]?.text ?? ""),
  );
  return (
    <Section
      id="environment"
      title="Environment"
      count={packages?.rows.length}
      aside={<SearchBox label="Find packages" value={pattern} onChange={setPattern} />}
    >
      <Facts rows={machine?.rows ?? []} />
      <Rows
        label="Packages"
        count={found.length}
        height={HEIGHT}
        row={(index) => (
          <div className={styles.row} role="presentation">
            <span role="cell">{found[index]?.key}</span>
            <span role="cell">{found[index]?.cells[0]?.text}</span>
          </div>
        )}
      />
    </Section>
  );
}
