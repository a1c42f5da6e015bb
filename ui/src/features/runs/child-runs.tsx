import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Section } from "@/components/section";
import type { Run } from "@/lib/api-types";
import { count } from "@/lib/format";
import { shownName } from "@/lib/run-name";
import styles from "./run-parts.module.css";
import { RunStatus } from "./run-status";
import { ACTIVE, runBlock, runCount } from "./tabulate-runs";

const SHOWN = 10;

/** The runs that say that this one is their parent. */
export function ChildRuns({ run }: { run: Run }) {
  const { run_id, experiment_id } = run.info;
  const filter = `attributes.parent_run_id = '${run_id}'`;
  const runs = { experiment_ids: [experiment_id], filter, run_view_type: ACTIVE };
  const { data: children = [] } = useQuery(runBlock({ runs, order_by: [], columns: [] }, 0));
  const { data: total = children.length } = useQuery({
    ...runCount(runs),
    enabled: children.length > SHOWN,
  });
  if (children.length === 0) return null;
  return (
    <Section id="children" title="Children" count={total}>
      <ul className={styles.list}>
        {children.slice(0, SHOWN).map((child) => (
          <li key={child.run_id}>
            <RunStatus status={child.status} />
            <Link
              className="link"
              to="/experiments/$experimentId/runs/$runId"
              params={{ experimentId: experiment_id, runId: child.run_id }}
            >
              {shownName(child)}
            </Link>
          </li>
        ))}
      </ul>
      <Link
        className="link"
        to="/experiments/$experimentId"
        params={{ experimentId: experiment_id }}
        search={{ q: filter }}
      >
        {total > SHOWN ? `All ${count(total)} in a table` : "Show them in a table"}
      </Link>
    </Section>
  );
}
