import { useQuery } from "@tanstack/react-query";
import { Ago } from "@/components/ago";
import { summarizeExperiments } from "@/features/experiments/summarize-experiments";
import { count, counted } from "@/lib/format";
import styles from "./runs.module.css";

/** The experiment's name and, in words, what goes on in it. */
export function RunsHead({ experimentId, name }: { experimentId: string; name?: string }) {
  const summary = useQuery(summarizeExperiments([experimentId])).data?.get(experimentId);
  const running = summary?.running_runs ?? 0;
  return (
    <div className={styles.head}>
      <h1>{name ?? " "}</h1>
      <p className="dim">
        {summary ? (
          <>
            {counted(summary.active_runs ?? 0, "run")}
            {running > 0 && <> · {count(running)} running</>}
            {summary.last_activity && (
              <>
                {" · last activity "}
                <Ago time={summary.last_activity} />
              </>
            )}
          </>
        ) : (
          " "
        )}
      </p>
    </div>
  );
}
