import { getRouteApi, Link, Outlet } from "@tanstack/react-router";
import { Empty } from "@/components/empty";
import { Failure, FailureLine } from "@/components/failure";
import { SkeletonRows } from "@/components/skeleton-rows";
import { MOST_RUNS } from "@/features/compare/compared-runs";
import { count, counted } from "@/lib/format";
import { useTitle } from "@/lib/title";
import { useCompareView } from "./compare-view";
import styles from "./run.module.css";

const route = getRouteApi("/compare");
const TABS = [
  ["/compare", "Values"],
  ["/compare/charts", "Charts"],
  ["/compare/environment", "Environment"],
  ["/compare/code", "Code"],
  ["/compare/files", "Files"],
  ["/compare/images", "Images"],
] as const;

/** Runs held against each other; each kind of what they left is a page below one head. */
export function ComparePage() {
  const view = useCompareView();
  useTitle(view.ids.length > 0 ? `${view.ids.length} runs compared` : "Compare");
  if (view.ids.length < 2) return <TooFew />;
  if (view.ids.length > MOST_RUNS) return <TooMany runs={view.ids.length} />;
  if (view.error && !view.data) return <Failure error={view.error} retry={view.retry} />;
  const missing = view.data ? view.ids.length - view.data.length : 0;
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div className={styles.grow}>
          <h1 className={styles.title}>Compare {count(view.ids.length)} runs</h1>
        </div>
      </header>
      {view.error && <FailureLine error={view.error} retry={view.retry} />}
      {missing > 0 && (
        <p className="dim">{counted(missing, "run")} of this address cannot be found.</p>
      )}
      <Tabs />
      {view.data ? <Outlet /> : <SkeletonRows rows={12} />}
    </div>
  );
}

function Tabs() {
  const search = route.useSearch();
  return (
    <nav className={styles.tabs} aria-label="Parts of the comparison">
      {TABS.map(([to, label]) => (
        <Link
          key={to}
          to={to}
          search={{ runs: search.runs, base: search.base }}
          activeOptions={{ exact: true, includeSearch: false }}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}

function TooFew() {
  return (
    <Empty title="Choose two runs or more">
      <p>
        Tick runs in the table of an{" "}
        <Link className="link" to="/experiments">
          experiment
        </Link>{" "}
        and press Compare (or <kbd>c</kbd>). This page's address then holds them, and can be sent to
        others.
      </p>
    </Empty>
  );
}

function TooMany({ runs }: { runs: number }) {
  return (
    <Empty title={`${count(runs)} runs are too many to compare`}>
      <p>At most {MOST_RUNS} stand beside each other.</p>
    </Empty>
  );
}
