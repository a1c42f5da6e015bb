import { Button } from "@mantine/core";
import { type FormEvent, useId, useState } from "react";
import { Dialog } from "@/components/dialog";
import form from "@/components/form.module.css";
import { SearchBox } from "@/components/search-box";
import { matcher, parseField } from "@/lib/fields";
import { type ChartSpec, patternOf, quotedPattern, type Role, SHAPES } from "./chart-spec";
import styles from "./charts.module.css";

const MOST_OFFERED = 100;
const MOST_AXES = 12;

interface Props {
  spec: ChartSpec;
  /** Fields that there are. */
  fields: readonly string[];
  action: string;
  onSave: (spec: ChartSpec) => void;
  onClose: () => void;
}

/** Which fields a chart shows, and how. */
export function ChartForm({ spec, fields: offered, action, onSave, onClose }: Props) {
  const { word, roles, many, options: known } = SHAPES[spec.kind];
  const [fields, setFields] = useState(spec.fields);
  const [options, setOptions] = useState(spec.options);
  const save = (event: FormEvent) => {
    event.preventDefault();
    onSave({ ...spec, fields: fields.filter(Boolean), options, brush: new Map() });
  };
  const toggle = (option: string) =>
    setOptions(
      options.includes(option) ? options.filter((one) => one !== option) : [...options, option],
    );
  return (
    <Dialog title={word} onClose={onClose}>
      <form className={form.form} onSubmit={save}>
        {spec.kind === "lines" ? (
          <label>
            Metrics: text, * or /regex/
            <input
              required
              spellCheck={false}
              value={patternOf({ ...spec, fields })}
              onChange={(event) => setFields([quotedPattern(event.target.value)])}
            />
          </label>
        ) : many ? (
          <AxesField chosen={fields} offered={offered} onChange={setFields} />
        ) : (
          roles.map((role, i) => (
            <FieldInput
              key={role.name}
              {...{ role, offered }}
              value={fields[i] ?? ""}
              onChange={(value) =>
                setFields(roles.map((_, at) => (at === i ? value : (fields[at] ?? ""))))
              }
            />
          ))
        )}
        {Object.entries(known).map(([option, text]) => (
          <label key={option} className={styles.option}>
            <input
              type="checkbox"
              checked={options.includes(option)}
              onChange={() => toggle(option)}
            />
            {text}
          </label>
        ))}
        <div className={form.actions}>
          <Button variant="subtle" color="gray" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" variant="filled">
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface FieldProps {
  role: Role;
  offered: readonly string[];
  value: string;
  onChange: (value: string) => void;
}

/** A field by its name in the search language; those that there are are offered. */
function FieldInput({ role, offered, value, onChange }: FieldProps) {
  const id = useId();
  const matches = matcher(value);
  const found = offered.filter(matches).slice(0, MOST_OFFERED);
  const check = (input: HTMLInputElement | null) =>
    input?.setCustomValidity(
      value === "" || parseField(value) ? "" : "A field such as metrics.rmse or params.lr",
    );
  return (
    <label>
      {role.name[0]?.toUpperCase() + role.name.slice(1)}
      {role.optional && " (if any)"}
      <input
        ref={check}
        list={id}
        required={!role.optional}
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={id}>
        {found.map((field) => (
          <option key={field} value={field} />
        ))}
      </datalist>
    </label>
  );
}

interface AxesProps {
  chosen: readonly string[];
  offered: readonly string[];
  onChange: (fields: readonly string[]) => void;
}

function AxesField({ chosen, offered, onChange }: AxesProps) {
  const [pattern, setPattern] = useState("");
  const found = [...chosen, ...offered.filter((field) => !chosen.includes(field))];
  const shown = found.filter(matcher(pattern)).slice(0, MOST_OFFERED);
  const toggle = (field: string) =>
    onChange(
      chosen.includes(field)
        ? chosen.filter((one) => one !== field)
        : [...chosen, field].slice(0, MOST_AXES),
    );
  return (
    <>
      <SearchBox label="Find fields for the axes" value={pattern} onChange={setPattern} />
      <div className={styles.fields}>
        {shown.map((field) => (
          <label key={field}>
            <input
              type="checkbox"
              checked={chosen.includes(field)}
              onChange={() => toggle(field)}
            />
            {field}
          </label>
        ))}
      </div>
      <p className="dim">
        The axes stand in the order in which they are chosen; the last number gives the colour.
      </p>
    </>
  );
}
