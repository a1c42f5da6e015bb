import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Ago } from "@/components/ago";
import type { TransitionRequest } from "@/lib/api-types";
import { counted } from "@/lib/format";
import { decide } from "./change-models";
import { checkMove } from "./queries";
import styles from "./registry.module.css";
import { setReviewer, useReviewer } from "./reviewer";

/** A move that somebody asks for: what stands in its way, who has agreed, and the decision. */
export function RequestCard({ request }: { request: TransitionRequest }) {
  const { name, version, to_stage: stage, user_id: author } = request;
  const queries = useQueryClient();
  const reviewer = useReviewer();
  const [comment, setComment] = useState("");
  const { data: check } = useQuery(checkMove(name, version, stage));
  const needed = request.approvals_needed ?? 1;
  const agreed = request.decisions?.filter(({ approved }) => approved) ?? [];
  const act = (decision: "approve" | "reject" | "delete") => async () => {
    const deed = { name, version, user_id: reviewer || undefined };
    if (await decide(queries, deed, stage, decision, comment)) setComment("");
  };
  return (
    <section className={styles.card} aria-label={`Request to ${stage}`}>
      <header>
        <h2>Request: to {stage}</h2>
        <small className="faint">
          by {author || "somebody"}, <Ago time={request.creation_timestamp} /> · needs{" "}
          {counted(needed, "approval")}
        </small>
      </header>
      {request.comment && <p>{request.comment}</p>}
      {check && (check.reasons?.length ?? 0) > 0 && (
        <ul className={styles.checks}>
          {check.reasons?.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      <div className={styles.actions}>
        <input
          aria-label="Comment on the request"
          placeholder="comment"
          value={comment}
          onChange={(event) => setComment(event.target.value)}
        />
        <Button variant="filled" onClick={act("approve")}>
          Approve
        </Button>
        <Button color="red" onClick={act("reject")}>
          Reject
        </Button>
        {reviewer === author && <Button onClick={act("delete")}>Take back</Button>}
      </div>
      <div className={styles.actions}>
        <Reviewer />
        <span className="dim" role="status">
          {agreed.length} of {counted(needed, "approval")}
          {agreed.length > 0 && `: ${agreed.map((one) => one.user_id).join(", ")}`}
        </span>
      </div>
    </section>
  );
}

/** Who decides here; a server without accounts asks nobody else. */
export function Reviewer() {
  const reviewer = useReviewer();
  return (
    <label className="dim">
      as{" "}
      <input
        aria-label="Your name"
        placeholder="your name"
        defaultValue={reviewer}
        onChange={(event) => setReviewer(event.target.value)}
      />
    </label>
  );
}
