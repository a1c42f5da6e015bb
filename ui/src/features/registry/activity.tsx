import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Ago } from "@/components/ago";
import { Section } from "@/components/section";
import type { ModelActivity } from "@/lib/api-types";
import { commentOn } from "./change-models";
import { activitiesOf } from "./queries";
import styles from "./registry.module.css";
import { useReviewer } from "./reviewer";

/** What happened to a version, and a place to say something about it. */
export function Activity({ name, version }: { name: string; version: string }) {
  const { data = [] } = useQuery(activitiesOf(name, version));
  const queries = useQueryClient();
  const reviewer = useReviewer();
  const [text, setText] = useState("");
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === "") return;
    const deed = { name, version, user_id: reviewer || undefined };
    if (await commentOn(queries, deed, text)) setText("");
  };
  return (
    <Section id="activity" title="Activity" count={data.length}>
      <div>
        <form className={styles.actions} onSubmit={send}>
          <input
            aria-label="Comment on the version"
            placeholder="comment"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <Button type="submit">Comment</Button>
        </form>
        <ul className={styles.activity}>
          {data.map((one) => (
            <li key={one.id}>
              <b>{one.user_id || "somebody"}</b> {deedOf(one)}
              {one.comment && <>: {one.comment}</>}
              <small>
                <Ago time={one.creation_timestamp} />
              </small>
            </li>
          ))}
        </ul>
        {data.length === 0 && <p className="faint">Nothing happened yet.</p>}
      </div>
    </Section>
  );
}

const DEEDS: Record<string, string> = {
  REQUESTED_TRANSITION: "requested a move",
  APPROVED_REQUEST: "approved the request",
  REJECTED_REQUEST: "rejected the request",
  CANCELLED_REQUEST: "took the request back",
  NEW_COMMENT: "said",
};

const deedOf = (one: ModelActivity): string =>
  DEEDS[one.activity_type] ?? `moved it from ${one.from_stage} to ${one.to_stage}`;
