import { ActionIcon } from "@mantine/core";
import { useState } from "react";
import { copyText } from "@/lib/clipboard";
import { Copy, Tick } from "./icons";

const SHOWN_MS = 1_500;

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await copyText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <ActionIcon aria-label={copied ? "Copied" : `Copy ${what}`} onClick={copy}>
      {copied ? <Tick /> : <Copy />}
    </ActionIcon>
  );
}
