import { Button } from "@mantine/core";
import { useState } from "react";
import { counted } from "@/lib/format";
import styles from "./artifacts.module.css";

const AT_ONCE = 200;

/** A value of JSON whose objects and lists fold; what is folded is not drawn. */
export function JsonTree({ value }: { value: unknown }) {
  return (
    <div className={styles.json}>
      <Value value={value} open />
    </div>
  );
}

function Value({ name, value, open = false }: { name?: string; value: unknown; open?: boolean }) {
  if (typeof value === "object" && value !== null)
    return <Branch {...{ name, open }} value={value} />;
  return (
    <div className={styles.leaf}>
      <Name name={name} />
      <span data-kind={value === null ? "null" : typeof value}>{JSON.stringify(value)}</span>
    </div>
  );
}

function Branch({ name, value, open }: { name?: string; value: object; open: boolean }) {
  const [shown, setShown] = useState(open);
  const [most, setMost] = useState(AT_ONCE);
  const entries = Object.entries(value);
  const size = Array.isArray(value)
    ? counted(entries.length, "item")
    : counted(entries.length, "key");
  return (
    <details open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>
        <Name name={name} />
        <span className="faint">
          {Array.isArray(value) ? "[…]" : "{…}"} {size}
        </span>
      </summary>
      {shown &&
        entries.slice(0, most).map(([key, one]) => <Value key={key} name={key} value={one} />)}
      {shown && entries.length > most && (
        <Button variant="subtle" onClick={() => setMost(most + AT_ONCE)}>
          {entries.length - most} more
        </Button>
      )}
    </details>
  );
}

const Name = ({ name }: { name?: string }) => (name === undefined ? null : <b>{name}: </b>);
