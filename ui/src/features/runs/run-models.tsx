import { useQuery } from "@tanstack/react-query";
import { Section } from "@/components/section";
import { archiveOfModel } from "@/features/artifacts/read-artifact";
import type { Run } from "@/lib/api-types";
import { call } from "@/lib/call";
import styles from "./run-parts.module.css";

/** The models that the run made and used. */
export function RunModels({ run }: { run: Run }) {
  const made = run.outputs?.model_outputs?.map((one) => one.model_id) ?? [];
  const used = run.inputs?.model_inputs?.map((one) => one.model_id) ?? [];
  const models = [
    ...[...new Set(made)].map((id) => [id, "made"] as const),
    ...[...new Set(used)].map((id) => [id, "used"] as const),
  ];
  if (models.length === 0) return null;
  return (
    <Section id="models" title="Models" count={models.length}>
      <ul className={styles.list}>
        {models.map(([id, how]) => (
          <Model key={`${id} ${how}`} id={id} how={how} />
        ))}
      </ul>
    </Section>
  );
}

function Model({ id, how }: { id: string; how: string }) {
  const { data } = useQuery({
    queryKey: ["logged-model", id],
    queryFn: ({ signal }) => call("logged-models/{model_id} GET", { model_id: id }, signal),
    staleTime: 30_000,
  });
  const info = data?.model.info;
  return (
    <li>
      <span>{info?.name ?? id}</span>
      <span className="dim">
        {[how, info?.model_type, info && STATUS[info.status]].filter(Boolean).join(" · ")}
      </span>
      {info?.status === "LOGGED_MODEL_READY" && (
        <a
          className="link"
          href={archiveOfModel(id)}
          download
          aria-label={`Download the model ${info.name} as a ZIP file`}
        >
          Download
        </a>
      )}
    </li>
  );
}

const STATUS: Record<string, string> = {
  LOGGED_MODEL_PENDING: "not complete",
  LOGGED_MODEL_UPLOAD_FAILED: "failed",
};
