import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeRuns, tagRuns } from "@/features/runs/change-runs";
import { TagForm } from "@/features/runs/tag-form";
import { counted } from "@/lib/format";
import { CompareButton } from "./compare-button";

interface Props {
  runIds: readonly string[];
  deleted: boolean;
  /** Keys of tags that runs have. */
  tags: readonly string[];
  onClear: () => void;
}

/** What can be done with the selected runs. */
export function SelectionActions({ runIds, deleted, tags, onClear }: Props) {
  const queries = useQueryClient();
  const [tagging, setTagging] = useState(false);
  const change = (how: "delete" | "restore") => {
    onClear();
    return changeRuns(queries, how, runIds);
  };
  return (
    <>
      <CompareButton runIds={runIds} />
      <Button onClick={() => setTagging(true)}>Tag</Button>
      <Button onClick={onClear}>Clear selection</Button>
      {deleted ? (
        <Button onClick={() => change("restore")}>Restore</Button>
      ) : (
        <Button onClick={() => change("delete")}>Delete</Button>
      )}
      {tagging && (
        <TagForm
          title={`Tag ${counted(runIds.length, "run")}`}
          known={tags}
          onSave={(key, value) => tagRuns(queries, runIds, key, value)}
          onClose={() => setTagging(false)}
        />
      )}
    </>
  );
}
