import type { ECharts } from "echarts/core";
import { type RefObject, useEffect, useRef } from "react";
import { pointedCurve, pointedSpot } from "@/lib/pointed";
import type { Curve } from "./points";

const X_AXIS = { xAxisIndex: 0 };
const MIDDLE_PX = 40;

interface Pointer {
  readonly offsetX: number;
  readonly offsetY: number;
}

/** One line through all charts at the place of the axis where the pointer is. Returns that line's element. */
export function useCrosshair(chart: RefObject<ECharts | undefined>, unit: string) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const surface = chart.current?.getZr();
    if (!surface) return;
    const own = {};
    const move = ({ offsetX, offsetY }: Pointer) => {
      const inside = chart.current?.containPixel("grid", [offsetX, offsetY]);
      const x = inside ? Number(chart.current?.convertFromPixel(X_AXIS, offsetX)) : Number.NaN;
      pointedSpot.tell(Number.isFinite(x) ? { unit, x } : undefined, own);
    };
    const out = () => pointedSpot.tell(undefined, own);
    surface.on("mousemove", move);
    surface.on("globalout", out);
    const stop = pointedSpot.listen((spot, from) => {
      if (!line.current) return;
      const px =
        spot && spot.unit === unit && from !== own
          ? Number(chart.current?.convertToPixel(X_AXIS, spot.x))
          : Number.NaN;
      const shown = Number.isFinite(px) && chart.current?.containPixel("grid", [px, MIDDLE_PX]);
      line.current.style.display = shown ? "block" : "none";
      line.current.style.transform = `translateX(${Math.round(px)}px)`;
    });
    return () => {
      surface.off("mousemove", move);
      surface.off("globalout", out);
      stop();
    };
  }, [chart, unit]);
  return line;
}

/** The curve of the run that the pointer is at, anywhere on the page, stands out. */
export function useStandingOut(chart: RefObject<ECharts | undefined>, curves: readonly Curve[]) {
  useEffect(
    () =>
      pointedCurve.listen((owner) => {
        chart.current?.dispatchAction({ type: "downplay" });
        const seriesId = curves.flatMap((curve) => (curve.owner === owner ? [curve.id] : []));
        if (seriesId.length > 0) chart.current?.dispatchAction({ type: "highlight", seriesId });
      }),
    [chart, curves],
  );
}
