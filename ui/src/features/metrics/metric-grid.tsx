import { useMemo } from "react";
import { ChartGrid, sectionsOf } from "@/components/chart/chart-grid";
import type { ChartSize } from "@/components/chart/chart-size";
import type { Source } from "./curves";
import type { Layout } from "./layout";
import { MetricPanel } from "./metric-panel";

interface Props {
  metrics: readonly string[];
  source: Source;
  layout: Layout;
  size: ChartSize;
  folded: ReadonlySet<string>;
  onFold: (section: string) => void;
}

/** A chart for each metric, in sections by what stands before the first slash. */
export function MetricGrid({ metrics, source, layout, size, folded, onFold }: Props) {
  const sections = useMemo(() => sectionsOf(metrics), [metrics]);
  return (
    <ChartGrid
      {...{ sections, folded, size, onFold }}
      draw={(metric, height) => <MetricPanel title={metric} {...{ source, layout, height }} />}
    />
  );
}
