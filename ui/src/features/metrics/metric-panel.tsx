import { lazy, memo, Suspense, useCallback, useMemo, useRef, useState } from "react";
import styles from "@/components/chart/panel.module.css";
import { type PanelAction, PanelFrame } from "@/components/chart/panel-frame";
import { useSeen } from "@/components/chart/seen";
import { type Axis, writeAxis } from "./axis";
import { AxisLine } from "./axis-line";
import { CurveTable } from "./curve-table";
import { type Curves, type Source, useCurves } from "./curves";
import type { Layout } from "./layout";
import { isSingle, MetricBars } from "./metric-bars";
import type { Curve, Window } from "./points";

const LineChart = lazy(() => import("./line-chart"));
const HEAD_PX = 38;
const LINES_PX = 48;

interface Props {
  title: string;
  /** The metrics of a panel that has more than the one of its title. */
  metrics?: readonly string[];
  source: Source;
  layout: Layout;
  /** Of the whole panel. */
  height: number;
  /** What can be done beside what can be done with every chart. */
  more?: readonly PanelAction[];
}

const NO_ACTIONS: readonly PanelAction[] = [];

/** A metric, or several, of some runs or groups; a zoom reads the detail of what it shows. */
export const MetricPanel = memo(function MetricPanel(props: Props) {
  const { title, source, layout, height, more = NO_ACTIONS } = props;
  const { onZoom, onOwn } = layout;
  const own = layout.own.get(title);
  const axis = own ?? layout.axis;
  const window = layout.zooms.get(title);
  const names = (props.metrics ?? [title]).join("\n");
  const metrics = useMemo(() => names.split("\n"), [names]);
  const place = useRef<HTMLElement>(null);
  const seen = useSeen(place);
  const [tabled, setTabled] = useState(false);
  const [setting, setSetting] = useState(false);
  const found = useCurves(metrics, source, axis, window, seen);
  const { curves, known } = found;
  const absent = known && curves.length === 0 && !window;
  const show = useCallback((part: Window | undefined) => onZoom(title, part), [onZoom, title]);
  const chosen: Chosen = { metric: title, curves, axis, window };
  const actions = [
    { word: tabled ? "Show as chart" : "Show as table", act: () => setTabled(!tabled) },
    { word: setting ? "Done" : "Draw otherwise", act: () => setSetting(!setting) },
    ...(own ? [{ word: "Draw as the others", act: () => onOwn(title, undefined) }] : []),
    { word: "Save as SVG", act: () => savePicture(chosen, "svg") },
    { word: "Save as PNG", act: () => savePicture(chosen, "png") },
    { word: "Save as CSV", act: () => saveTable(chosen) },
  ];
  const aside = window ? (
    <button type="button" className={styles.whole} onClick={() => show(undefined)}>
      Show all steps
    </button>
  ) : (
    <small>{absent ? "no points" : own ? (writeAxis(own) ?? "plain") : found.total}</small>
  );
  const inner = height - HEAD_PX - (setting ? LINES_PX : 0);
  return (
    <PanelFrame
      ref={place}
      title={title}
      aside={aside}
      actions={[...more, ...(curves.length > 0 ? actions : [])]}
    >
      {setting && (
        <div style={{ height: LINES_PX, overflow: "auto" }}>
          <AxisLine
            axis={axis}
            grouped={"grouping" in source}
            onChange={(to) => onOwn(title, to)}
          />
        </div>
      )}
      <div style={{ minHeight: absent ? undefined : inner }}>
        {tabled ? (
          <CurveTable {...chosen} height={inner} />
        ) : (
          seen && <Drawn {...chosen} {...{ found, absent, source }} height={inner} onZoom={show} />
        )}
      </div>
    </PanelFrame>
  );
});

interface Chosen {
  metric: string;
  curves: readonly Curve[];
  axis: Axis;
  window: Window | undefined;
}

interface DrawnProps extends Chosen {
  found: Curves;
  absent: boolean;
  source: Source;
  height: number;
  onZoom: (window: Window | undefined) => void;
}

function Drawn({ metric, found, absent, source, axis, window, height, onZoom }: DrawnProps) {
  const { curves, error } = found;
  if (error) return <p className={styles.error}>{error.message}</p>;
  if (absent) return null;
  if (isSingle(curves) && !window) return <MetricBars curves={curves} height={height} />;
  const named = "runs" in source ? source.runs : source.groups;
  const label = `${metric} of ${named.map(({ name }) => name).join(", ")}`;
  return (
    <Suspense fallback={null}>
      <LineChart {...{ label, curves, axis, window, height, onZoom }} />
    </Suspense>
  );
}

async function savePicture({ metric, curves, axis, window }: Chosen, kind: "svg" | "png") {
  const [{ savePicture: save }, { chartOption }, { palette }] = await Promise.all([
    import("@/components/chart/save"),
    import("./chart-option"),
    import("@/components/chart/palette"),
  ]);
  save(metric, chartOption(curves, axis, window, palette()), kind);
}

async function saveTable({ metric, curves, axis, window }: Chosen) {
  const [{ saveTable: save }, { curveRows }] = await Promise.all([
    import("@/components/chart/save"),
    import("./curve-rows"),
  ]);
  save(metric, curveRows(curves, axis, window));
}
