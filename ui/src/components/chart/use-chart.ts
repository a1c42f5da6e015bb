import type { ECharts, EChartsCoreOption } from "echarts/core";
import { type RefObject, useEffect, useRef } from "react";
import { useScheme } from "@/lib/theme";
import { echarts } from "./echarts";
import { type Palette, palette } from "./palette";

/**
 * A canvas in the element of `place` that shows what `make` says, in the colours of the scheme.
 * `make` is asked again when it is another function.
 */
export function useChart(make: (colours: Palette) => EChartsCoreOption): {
  place: RefObject<HTMLDivElement | null>;
  chart: RefObject<ECharts | undefined>;
} {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts>(undefined);
  const scheme = useScheme();
  useEffect(() => {
    if (!place.current) return;
    const made = echarts.init(place.current, undefined, { renderer: "canvas" });
    chart.current = made;
    const resize = new ResizeObserver(() => made.resize());
    resize.observe(place.current);
    return () => {
      resize.disconnect();
      made.dispose();
      chart.current = undefined;
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the palette is that of the scheme
  useEffect(() => {
    chart.current?.setOption(make(palette()), { notMerge: true });
  }, [make, scheme]);
  return { place, chart };
}
