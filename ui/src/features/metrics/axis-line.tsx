import { type ReactNode, useState } from "react";
import { Choice } from "@/components/chart/choice";
import styles from "@/components/chart/choices.module.css";
import { SearchBox } from "@/components/search-box";
import { matcher } from "@/lib/fields";
import {
  type Axis,
  BAND_WORDS,
  BANDS,
  RANGES,
  SMOOTHINGS,
  type Smoothing,
  UNSMOOTHED,
  usesTime,
  X_AXES,
  X_WORDS,
} from "./axis";

const MOST_SHOWN = 30;
const NO_METRICS: readonly string[] = [];

interface Props {
  axis: Axis;
  /** The metrics that may be the axis. */
  metrics?: readonly string[];
  /** Whether groups are drawn. */
  grouped?: boolean;
  onChange: (axis: Axis) => void;
  /** What else is said of the charts. */
  children?: ReactNode;
}

/** Says how the charts are drawn; a click on a word changes it. */
export function AxisLine(props: Props) {
  const { axis, metrics = NO_METRICS, grouped = false, onChange, children } = props;
  const change = (part: Partial<Axis>) => onChange({ ...axis, ...part });
  return (
    <div className={styles.line}>
      <XChoice {...{ axis, metrics, change }} />
      {!usesTime(axis) && (
        <button type="button" onClick={() => change({ logX: !axis.logX })}>
          x scale: {axis.logX ? "logarithmic" : "linear"}
        </button>
      )}
      <button type="button" onClick={() => change({ log: !axis.log })}>
        scale: {axis.log ? "logarithmic" : "linear"}
      </button>
      <SmoothingChoice smoothing={axis.smoothing} onChange={(smoothing) => change({ smoothing })} />
      <button
        type="button"
        title="The range of y leaves out the lowest and the highest 2 % of the values"
        onClick={() => change({ clip: !axis.clip })}
      >
        outliers: {axis.clip ? "cut off" : "shown"}
      </button>
      {grouped && (
        <Choice
          label={`groups: ${BAND_WORDS[axis.band]}`}
          options={BANDS.map((band) => [BAND_WORDS[band], () => change({ band })])}
        />
      )}
      {children}
    </div>
  );
}

interface XProps {
  axis: Axis;
  metrics: readonly string[];
  change: (part: Partial<Axis>) => void;
}

function XChoice({ axis, metrics, change }: XProps) {
  const [pattern, setPattern] = useState("");
  const found = metrics.filter(matcher(pattern)).slice(0, MOST_SHOWN);
  return (
    <Choice
      label={`x: ${axis.xKey ?? X_WORDS[axis.x]}`}
      options={[
        ...X_AXES.map((x) => [X_WORDS[x], () => change({ x, xKey: undefined })] as const),
        ...found.map((xKey) => [xKey, () => change({ x: "step", xKey })] as const),
      ]}
    >
      {metrics.length > MOST_SHOWN && (
        <SearchBox label="Find a metric for x" value={pattern} onChange={setPattern} />
      )}
    </Choice>
  );
}

interface SmoothingProps {
  smoothing: Smoothing;
  onChange: (smoothing: Smoothing) => void;
}

function SmoothingChoice({ smoothing, onChange }: SmoothingProps) {
  const { kind, amount } = smoothing;
  const range = kind === "none" ? undefined : RANGES[kind];
  return (
    <>
      <Choice
        label={`smoothing: ${range?.word ?? "none"}`}
        options={SMOOTHINGS.map((one) =>
          one === "none"
            ? ["none", () => onChange(UNSMOOTHED)]
            : [RANGES[one].word, () => onChange({ kind: one, amount: RANGES[one].usual })],
        )}
      />
      {range && (
        <label className={styles.range}>
          <input
            type="range"
            aria-label="Amount of smoothing"
            {...{ min: range.least, max: range.most, step: range.step }}
            value={amount}
            onChange={(event) =>
              onChange({ kind: smoothing.kind, amount: Number(event.target.value) })
            }
          />
          <output>{amount}</output>
        </label>
      )}
    </>
  );
}
