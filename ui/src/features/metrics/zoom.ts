import type { ECharts } from "echarts/core";
import { type RefObject, useEffect, useRef, useState } from "react";
import type { Window } from "./points";

const LEAST_PX = 6;
const X_AXIS = { xAxisIndex: 0 };

interface Pointer {
  readonly offsetX: number;
  readonly offsetY: number;
}

/** Dragging over a chart gives the part of its axis; a double click the whole. Returns the band to draw. */
export function useZoom(
  chart: RefObject<ECharts | undefined>,
  onZoom: (window: Window | undefined) => void,
) {
  const [drag, setDrag] = useState<{ from: number; to: number }>();
  const tell = useRef(onZoom);
  tell.current = onZoom;
  useEffect(() => {
    const surface = chart.current?.getZr();
    if (!surface) return;
    let from: number | undefined;
    const down = ({ offsetX, offsetY }: Pointer) => {
      if (chart.current?.containPixel("grid", [offsetX, offsetY])) from = offsetX;
    };
    const move = ({ offsetX }: Pointer) => {
      if (from !== undefined) setDrag({ from, to: offsetX });
    };
    const up = ({ offsetX }: Pointer) => {
      const start = from;
      from = undefined;
      setDrag(undefined);
      if (start === undefined || Math.abs(offsetX - start) < LEAST_PX) return;
      const ends = [start, offsetX].map((px) =>
        Number(chart.current?.convertFromPixel(X_AXIS, px)),
      );
      tell.current({ from: Math.min(...ends), to: Math.max(...ends) });
    };
    const whole = () => tell.current(undefined);
    surface.on("mousedown", down);
    surface.on("mousemove", move);
    surface.on("mouseup", up);
    surface.on("dblclick", whole);
    return () => {
      surface.off("mousedown", down);
      surface.off("mousemove", move);
      surface.off("mouseup", up);
      surface.off("dblclick", whole);
    };
  }, [chart]);
  return drag && { left: Math.min(drag.from, drag.to), width: Math.abs(drag.to - drag.from) };
}
