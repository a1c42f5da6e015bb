/** Saves what a chart shows as a file. Loaded when somebody does. */
import { LegendComponent, TitleComponent } from "echarts/components";
import type { EChartsCoreOption } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { echarts } from "./echarts";
import { palette } from "./palette";

echarts.use([TitleComponent, LegendComponent, SVGRenderer]);

const WIDTH_PX = 960;
const HEIGHT_PX = 480;
const HEAD_PX = 64;
const PIXEL_RATIO = 2;

export type Picture = "svg" | "png";

/** The chart with its name and a legend, in a size that a document can use. */
export function savePicture(name: string, option: EChartsCoreOption, kind: Picture): void {
  const element = document.createElement("div");
  const chart = echarts.init(element, undefined, {
    ...{ renderer: kind === "svg" ? "svg" : "canvas", ssr: kind === "svg" },
    ...{ width: WIDTH_PX, height: HEIGHT_PX, devicePixelRatio: PIXEL_RATIO },
  });
  try {
    chart.setOption(titled(name, option));
    if (kind === "svg") {
      save(`${name}.svg`, new Blob([chart.renderToSVGString()], { type: "image/svg+xml" }));
    } else {
      const canvas = chart.renderToCanvas({
        pixelRatio: PIXEL_RATIO,
        backgroundColor: palette().panel,
      });
      canvas.toBlob((blob) => blob && save(`${name}.png`, blob), "image/png");
    }
  } finally {
    chart.dispose();
  }
}

function titled(name: string, option: EChartsCoreOption): EChartsCoreOption {
  const { ink, faint, font, panel } = palette();
  const grids = Array.isArray(option.grid) ? option.grid : [option.grid];
  return {
    ...option,
    backgroundColor: panel,
    tooltip: undefined,
    title: {
      text: name,
      left: 12,
      top: 10,
      textStyle: { color: ink, fontFamily: font, fontSize: 15, fontWeight: 600 },
    },
    legend: {
      type: "scroll",
      left: 12,
      top: 36,
      icon: "roundRect",
      textStyle: { color: faint, fontFamily: font, fontSize: 11 },
    },
    ...(option.grid
      ? {
          grid: grids.map((grid) => ({
            ...(grid as object),
            top: HEAD_PX,
            left: 14,
            right: 18,
            bottom: 10,
          })),
        }
      : {}),
  };
}

/** Rows of values as CSV (RFC 4180). */
export function saveTable(name: string, rows: readonly (readonly (string | number)[])[]): void {
  const text = rows.map((row) => row.map(cell).join(",")).join("\r\n");
  save(`${name}.csv`, new Blob([`${text}\r\n`], { type: "text/csv" }));
}

const cell = (value: string | number): string => {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

function save(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name.replaceAll(/[\\/:*?"<>|]/g, "_");
  link.click();
  URL.revokeObjectURL(link.href);
}
