import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useRef, useState } from "react";
import panel from "@/components/chart/panel.module.css";
import { PanelFrame } from "@/components/chart/panel-frame";
import { useSeen } from "@/components/chart/seen";
import { count, counted } from "@/lib/format";
import { type Brush, brushed, brushFilter } from "./brush";
import { type ChartSpec, titleOf } from "./chart-spec";
import styles from "./charts.module.css";
import { colourColumn } from "./colour-column";
import { ColourLegend } from "./colour-legend";
import { legendOf } from "./colouring";
import { ImportanceTable } from "./importance-table";
import type { DrawnKind } from "./options";
import { type RunSet, type RunValues, runValues } from "./run-values";
import { ValueTable, valueRows } from "./value-table";

const RunChart = lazy(() => import("./run-chart"));
const HEAD_PX = 38;
const LINE_PX = 20;
const MOST_PARAMS = 500;

export interface RunPanelActions {
  readonly onChange: (spec: ChartSpec) => void;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
  /** Selects a run, or lets it go. */
  readonly onPick?: (runId: string) => void;
  readonly onSelect: (runIds: readonly string[]) => void;
  /** Where there is a filter to change. */
  readonly onFilter?: (filter: string) => void;
}

interface Props extends RunPanelActions {
  spec: ChartSpec;
  runs: RunSet;
  /** What the table's runs are filtered by. */
  filter: string;
  /** Every param there is, for what looks at all of them. */
  params: readonly string[];
  colours: ReadonlyMap<string, number>;
  height: number;
}

/** A chart that somebody added: what runs have in some fields. */
export function RunPanel(props: Props) {
  const { spec, runs, params, colours, height } = props;
  const place = useRef<HTMLElement>(null);
  const seen = useSeen(place);
  const [tabled, setTabled] = useState(false);
  const fields =
    spec.kind === "importance" ? [...spec.fields, ...params.slice(0, MOST_PARAMS)] : spec.fields;
  const { data, error } = useQuery(runValues(runs, fields, seen));
  const title = titleOf(spec);
  const inner = height - HEAD_PX;
  const actions = [
    { word: "Edit", act: props.onEdit },
    ...(data ? savings(title, spec, data, colours, tabled, setTabled) : []),
    { word: "Remove", act: props.onRemove },
  ];
  const aside = data && (
    <small>
      {data.ids.length < data.total
        ? `${count(data.ids.length)} of ${counted(data.total, "run")}`
        : counted(data.total, "run")}
    </small>
  );
  return (
    <PanelFrame ref={place} title={title} aside={aside} actions={actions}>
      <div style={{ minHeight: inner }}>
        {error ? (
          <p className={panel.error}>{error.message}</p>
        ) : data && seen && spec.kind === "importance" ? (
          <ImportanceTable title={title} values={data} height={inner} />
        ) : data && tabled ? (
          <ValueTable title={title} values={data} colours={colours} height={inner} />
        ) : (
          data && seen && <Drawn {...props} title={title} values={data} height={inner} />
        )}
      </div>
    </PanelFrame>
  );
}

function Drawn({ title, values, height, ...props }: Props & { title: string; values: RunValues }) {
  const { spec, colours } = props;
  const legend = legendOf(colourColumn(spec, values));
  const brushes = spec.kind === "parallel";
  const lines = (legend ? 1 : 0) + (brushes ? 1 : 0);
  return (
    <>
      {legend && <ColourLegend legend={legend} />}
      <Suspense fallback={null}>
        <RunChart
          label={`${title} of ${counted(values.ids.length, "run")}`}
          spec={spec as ChartSpec & { kind: DrawnKind }}
          {...{ values, colours }}
          height={height - lines * LINE_PX}
          onPick={props.onPick ?? ignored}
          onBrush={(brush) => props.onChange({ ...spec, brush })}
        />
      </Suspense>
      {brushes && <BrushLine {...props} values={values} />}
    </>
  );
}

const ignored = () => {};
const NO_BRUSH: Brush = new Map();

type BrushProps = Omit<Props, "height"> & { values: RunValues };

function BrushLine({ spec, filter, values, onChange, onSelect, onFilter }: BrushProps) {
  const { brush } = spec;
  const inside = brushed(values, brush);
  if (brush.size === 0) {
    return <p className={styles.brush}>Drag along an axis to mark runs.</p>;
  }
  return (
    <p className={styles.brush}>
      <span role="status">
        {count(inside.length)} of {counted(values.ids.length, "run")} marked
      </span>
      <button type="button" onClick={() => onSelect(inside)}>
        Select
      </button>
      {onFilter && (
        <button type="button" onClick={() => onFilter(brushFilter(filter, values, brush))}>
          Filter
        </button>
      )}
      <button type="button" onClick={() => onChange({ ...spec, brush: NO_BRUSH })}>
        Clear
      </button>
    </p>
  );
}

function savings(
  title: string,
  spec: ChartSpec,
  values: RunValues,
  colours: ReadonlyMap<string, number>,
  tabled: boolean,
  onTabled: (tabled: boolean) => void,
) {
  const table = {
    word: "Save as CSV",
    act: async () => (await import("@/components/chart/save")).saveTable(title, valueRows(values)),
  };
  if (spec.kind === "importance" || spec.kind === "lines") return [table];
  const drawn = { ...spec, kind: spec.kind };
  const picture = async (kind: "svg" | "png") =>
    (await import("./save-drawing")).saveDrawing(title, drawn, values, colours, kind);
  return [
    { word: tabled ? "Show as chart" : "Show as table", act: () => onTabled(!tabled) },
    { word: "Save as SVG", act: () => picture("svg") },
    { word: "Save as PNG", act: () => picture("png") },
    table,
  ];
}
