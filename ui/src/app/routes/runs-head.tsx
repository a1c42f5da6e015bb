import { useQuery } from "@tanstack/react-query";
import { Ago } from "@/components/ago";
import { Markdown } from "@/components/markdown";
import { summarizeExperiments } from "@/features/experiments/summarize-experiments";
import { count, counted } from "@/lib/format";
import styles from "./runs.module.css";

interface Props {
  experimentIds: readonly string[];
  title: string | undefined;
  /** What somebody wrote about the only experiment, in Markdown. */
  note: string;
}

/** The experiments' names and, in words, what goes on in them. */
export function RunsHead({ experimentIds, title, note }: Props) {
  const found = useQuery(summarizeExperiments(experimentIds)).data;
  const summaries = [...(found?.values() ?? [])];
  const running = sum(summaries.map((one) => one.running_runs));
  const latest = Math.max(0, ...summaries.map((one) => one.last_activity ?? 0));
  return (
    <div className={styles.head}>
      <h1>{title ?? " "}</h1>
      <p className="dim">
        {found ? (
          <>
            {counted(sum(summaries.map((one) => one.active_runs)), "run")}
            {running > 0 && <> · {count(running)} running</>}
            {latest > 0 && (
              <>
                {" · last activity "}
                <Ago time={latest} />
              </>
            )}
          </>
        ) : (
          " "
        )}
      </p>
      {note && (
        <details className={styles.note}>
          <summary className="dim">{firstLine(note)}</summary>
          <Markdown text={note} />
        </details>
      )}
    </div>
  );
}

const sum = (numbers: readonly (number | undefined)[]): number =>
  numbers.reduce<number>((total, one) => total + (one ?? 0), 0);

const firstLine = (text: string): string =>
  text
    .trim()
    .split("\n", 1)[0]
    ?.replace(/^#+\s*/, "") ?? "";
