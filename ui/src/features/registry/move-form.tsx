import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Dialog } from "@/components/dialog";
import form from "@/components/form.module.css";
import { moveNow, requestMove } from "./change-models";
import { checkMove } from "./queries";
import styles from "./registry.module.css";
import { setReviewer, useReviewer } from "./reviewer";

interface Props {
  name: string;
  version: string;
  stage: string;
  onClose: () => void;
}

/** A version is moved, or its move is requested, by what the model's policy asks for. */
export function MoveForm({ name, version, stage, onClose }: Props) {
  const queries = useQueryClient();
  const reviewer = useReviewer();
  const [comment, setComment] = useState("");
  const [archive, setArchive] = useState(false);
  const { data: check } = useQuery(checkMove(name, version, stage));
  const needs = check?.approvals ?? 0;
  const deed = { name, version, user_id: reviewer || undefined };
  const request = () => requestMove(queries, deed, stage, comment);
  const save = (act: () => Promise<boolean>) => async (event?: FormEvent) => {
    event?.preventDefault();
    if (await act()) onClose();
  };
  const move = () => moveNow(queries, deed, stage, archive);
  return (
    <Dialog title={`Version ${version} to ${stage}`} onClose={onClose}>
      <form className={form.form} onSubmit={save(needs > 0 ? request : move)}>
        {check?.reasons?.length ? (
          <ul className={styles.checks}>
            {check.reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        ) : (
          <p className="dim">
            {needs > 0
              ? `The policy asks for ${needs} approval${needs === 1 ? "" : "s"}.`
              : "The policy lets it move at once."}
          </p>
        )}
        <label>
          Your name
          <input value={reviewer} onChange={(event) => setReviewer(event.target.value)} />
        </label>
        <label>
          Comment
          <textarea rows={3} value={comment} onChange={(event) => setComment(event.target.value)} />
        </label>
        {needs === 0 && (
          <label>
            <input
              type="checkbox"
              style={{ display: "inline", width: "auto", marginRight: 6 }}
              checked={archive}
              onChange={(event) => setArchive(event.target.checked)}
            />
            Archive what is in {stage}
          </label>
        )}
        <div className={form.actions}>
          <Button variant="subtle" color="gray" onClick={onClose}>
            Cancel
          </Button>
          {needs === 0 && <Button onClick={() => save(request)()}>Request</Button>}
          <Button type="submit" variant="filled">
            {needs > 0 ? "Request" : "Move"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
