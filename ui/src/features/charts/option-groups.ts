import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from "echarts";
import type { EChartsCoreOption } from "echarts/core";
import { TOOLTIP, tipBox } from "@/components/chart/tip-box";
import { counted, short } from "@/lib/format";
import { axisOf, GRID, told, X_NAME, Y_NAME } from "./axes";
import { label } from "./chart-spec";
import type { Drawing } from "./drawing";
import { categories, named, type RunValues } from "./run-values";
import { boxOf, deviation, mean, quantile } from "./statistics";

const MOST_BARS = 30;

/** The finite values of runs that are the same in another field. */
export interface Group {
  readonly name: string;
  readonly values: readonly number[];
  /** Of its runs. */
  readonly indices: readonly number[];
}

/** Runs by the second column, or each by itself, the largest value first. */
export function groupsOf({ names, columns }: RunValues): Group[] {
  const [value, by] = columns;
  const used = value?.numbers.flatMap((one, i) => (Number.isFinite(one) ? [i] : [])) ?? [];
  const number = (i: number) => value?.numbers[i] ?? 0;
  if (!by) {
    return used
      .map((i) => ({ name: names[i] ?? "", values: [number(i)], indices: [i] }))
      .sort((a, b) => (b.values[0] ?? 0) - (a.values[0] ?? 0));
  }
  return categories(by).flatMap((name) => {
    const indices = used.filter((i) => named(by.texts[i]) === name);
    return indices.length > 0 ? [{ name, values: indices.map(number), indices }] : [];
  });
}

/** The mean of each group as a bar, with its standard deviation. */
export function barOption(drawing: Drawing): EChartsCoreOption {
  const { values, palette, colouring } = drawing;
  const groups = groupsOf(values).slice(0, MOST_BARS);
  const means = groups.map((group) => mean(group.values));
  const [value, by] = values.columns;
  if (!value) return {};
  const own = by ? () => palette.accent : colouring.of;
  return {
    animation: false,
    grid: GRID,
    // Bars begin at zero.
    xAxis: { ...axisOf(value, false, palette), ...X_NAME, scale: false },
    yAxis: { ...namesAxis(drawing, groups), inverse: true },
    tooltip: {
      ...TOOLTIP,
      trigger: "axis",
      axisPointer: { type: "none" },
      formatter: groupTip(groups, value.field),
    },
    series: [
      {
        type: "bar",
        barMaxWidth: 18,
        data: means.map((one, g) => ({
          value: one,
          name: groups[g]?.name,
          itemStyle: { color: own(groups[g]?.indices[0] ?? 0) },
        })),
      },
      whiskers(
        groups.map((group, g) => [g, means[g] ?? 0, deviation(group.values)]),
        palette.ink,
      ),
    ],
  };
}

function whiskers(rows: readonly (readonly number[])[], colour: string) {
  const renderItem = (_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) => {
    const [at, middle, spread] = [0, 1, 2].map((dimension) => Number(api.value(dimension)));
    if (!spread) return null;
    const [left, right] = [-1, 1].map((sign) =>
      api.coord([(middle ?? 0) + sign * spread, at ?? 0]),
    );
    const [x1 = 0, y = 0] = left ?? [];
    const [x2 = 0] = right ?? [];
    return {
      type: "line",
      shape: { x1, y1: y, x2, y2: y },
      style: { stroke: colour, lineWidth: 1.2 },
    };
  };
  return {
    type: "custom",
    data: rows,
    renderItem,
    encode: { x: 1, y: 0 },
    silent: true,
    tooltip: { show: false },
    z: 3,
  };
}

/** The quartiles of each group as a box, and what lies far outside as points. */
export function boxOption(drawing: Drawing): EChartsCoreOption {
  const { spec, values, palette } = drawing;
  const groups = groupsOf(values).slice(0, MOST_BARS);
  const boxes = groups.map((group) => boxOf(group.values));
  const [value, by] = values.columns;
  if (!value || !by) return {};
  return {
    animation: false,
    grid: GRID,
    xAxis: { ...namesAxis(drawing, groups), name: label(by.field), ...X_NAME },
    yAxis: { ...axisOf(value, spec.options.includes("ylog"), palette), ...Y_NAME },
    tooltip: {
      ...TOOLTIP,
      trigger: "axis",
      axisPointer: { type: "none" },
      formatter: groupTip(groups, value.field),
    },
    series: [
      {
        type: "boxplot",
        data: boxes.map(({ five }) => five),
        boxWidth: [6, 36],
        itemStyle: { color: "transparent", borderColor: palette.accent, borderWidth: 1.4 },
      },
      {
        type: "scatter",
        symbolSize: 5,
        data: boxes.flatMap(({ outliers }, g) => outliers.map((one) => [g, one])),
        itemStyle: { color: palette.accent },
        tooltip: { show: false },
      },
    ],
  };
}

function namesAxis({ palette }: Drawing, groups: readonly Group[]) {
  const text = { color: palette.faint, fontSize: 10, fontFamily: palette.font };
  return {
    type: "category",
    data: groups.map(({ name }) => name),
    nameTextStyle: text,
    axisLabel: { ...text, hideOverlap: true, width: 110, overflow: "truncate" },
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
  };
}

const groupTip = (groups: readonly Group[], field: string) => (hovered: unknown) => {
  const at = (Array.isArray(hovered) ? hovered[0] : hovered) as { dataIndex?: number } | undefined;
  const group = groups[at?.dataIndex ?? -1];
  if (!group) return "";
  const sorted = [...group.values].sort((a, b) => a - b);
  const spread = deviation(group.values);
  const several = group.values.length > 1;
  return tipBox(`${group.name} · ${counted(group.values.length, "run")}`, [
    {
      name: several ? "mean" : label(field),
      value: told(field, mean(group.values)),
      more: several ? `± ${short(Number(spread.toPrecision(2)))}` : "",
    },
    ...(several ? [{ name: "median", value: told(field, quantile(sorted, 0.5)) }] : []),
  ]);
};
