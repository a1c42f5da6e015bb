import { useMemo } from "react";
import { ChartGrid, sectionsOf } from "@/components/chart/chart-grid";
import type { ChartSize } from "@/components/chart/chart-size";
import type { Axis } from "./axis";
import type { Source } from "./curves";
import { MetricPanel } from "./metric-panel";
import type { Window } from "./points";
import type { Zooms } from "./zooms";

interface Props {
  metrics: readonly string[];
  source: Source;
  axis: Axis;
  size: ChartSize;
  zooms: Zooms;
  folded: ReadonlySet<string>;
  onZoom: (metric: string, window: Window | undefined) => void;
  onFold: (section: string) => void;
}

/** A chart for each metric, in sections by what stands before the first slash. */
export function MetricGrid({ metrics, source, axis, size, zooms, folded, onZoom, onFold }: Props) {
  const sections = useMemo(() => sectionsOf(metrics), [metrics]);
  return (
    <ChartGrid
      {...{ sections, folded, size, onFold }}
      draw={(metric, height) => (
        <MetricPanel
          title={metric}
          {...{ source, axis, height, onZoom }}
          window={zooms.get(metric)}
        />
      )}
    />
  );
}
