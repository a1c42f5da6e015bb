import { Button, Menu } from "@mantine/core";
import { useState } from "react";
import { Down } from "@/components/icons";
import { notify } from "@/components/notices";
import { address, ask } from "@/lib/call";
import type { Column } from "./columns";
import type { RunTableQuestion } from "./tabulate-runs";

const KINDS = { csv: "CSV", parquet: "Parquet" } as const;
type Kind = keyof typeof KINDS;

interface Props {
  question: RunTableQuestion;
  columns: readonly Column[];
}

/** All rows of the table as a file, with its columns, filter and order; the server writes it. */
export function DownloadRuns({ question, columns }: Props) {
  const [busy, setBusy] = useState(false);
  const download = async (kind: Kind) => {
    setBusy(true);
    try {
      const { runs, order_by } = question;
      const body = { ...runs, order_by, columns: columns.map(({ id }) => id) };
      const answer = await ask(address("ajax-api/2.0/headrace/runs/export", { format: kind }), {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "Content-Type": "application/json" },
      });
      save(await answer.blob(), `runs.${kind}`);
    } catch (error) {
      notify(`The table could not be downloaded: ${(error as Error).message}`, { bad: true });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button rightSection={<Down />} loading={busy}>
          Download
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(KINDS) as Kind[]).map((kind) => (
          <Menu.Item key={kind} onClick={() => download(kind)}>
            {KINDS[kind]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function save(data: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(data);
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
