import { useState } from "react";
import { Choice } from "@/components/chart/choice";
import styles from "@/components/chart/choices.module.css";
import { SearchBox } from "@/components/search-box";
import { COLOURS, colourVariable, dash } from "@/lib/colours";
import { matcher, parseField } from "@/lib/fields";

const MOST_SHOWN = 30;
const MOST_NAMED = 8;
const SAMPLE_PX = 18;

/** What colours, dashes and panels go by: fields, or nothing but the runs. */
export interface Paint {
  readonly hue?: string | undefined;
  readonly dash?: string | undefined;
  readonly facet?: string | undefined;
}

const WORDS = { hue: "colour", dash: "dash", facet: "panel for each" } as const;
const ROLES = Object.keys(WORDS) as (keyof Paint)[];

interface Props {
  paint: Paint;
  fields: readonly string[];
  onChange: (paint: Paint) => void;
}

/** Says what colours, dashes and panels go by; a click changes it. */
export function PaintLine({ paint, fields, onChange }: Props) {
  return (
    <>
      {ROLES.map((role) => (
        <FieldChoice
          key={role}
          word={WORDS[role]}
          nothing={role === "facet" ? "metric" : "run"}
          field={paint[role]}
          fields={fields}
          onChange={(field) => onChange({ [role]: field })}
        />
      ))}
    </>
  );
}

interface ChoiceProps {
  word: string;
  nothing: string;
  field: string | undefined;
  fields: readonly string[];
  onChange: (field: string | undefined) => void;
}

function FieldChoice({ word, nothing, field, fields, onChange }: ChoiceProps) {
  const [pattern, setPattern] = useState("");
  const found = fields.filter(matcher(pattern)).slice(0, MOST_SHOWN);
  const said = field === undefined ? nothing : (parseField(field)?.key ?? field);
  return (
    <Choice
      label={`${word}: ${said}`}
      options={[
        [nothing, () => onChange(undefined)],
        ...found.map((one) => [one, () => onChange(one)] as const),
      ]}
    >
      <SearchBox label="Find a field" value={pattern} onChange={setPattern} />
    </Choice>
  );
}

interface LegendProps {
  kind: "hue" | "dash";
  field: string;
  names: readonly string[];
}

/** What each colour or dash stands for. */
export function PaintLegend({ kind, field, names }: LegendProps) {
  return (
    <p className={styles.legend}>
      {parseField(field)?.key ?? field}
      {names.slice(0, MOST_NAMED).map((name, place) => (
        <span key={name}>
          <svg width={SAMPLE_PX} height="6" aria-hidden="true">
            <line
              x2={SAMPLE_PX}
              y1="3"
              y2="3"
              strokeWidth="2"
              stroke={kind === "hue" ? colourVariable(place) : "var(--dim)"}
              strokeDasharray={dash(kind === "hue" ? place : place * COLOURS).join() || undefined}
            />
          </svg>
          {name}
        </span>
      ))}
      {names.length > MOST_NAMED && <span>and {names.length - MOST_NAMED} more</span>}
    </p>
  );
}
