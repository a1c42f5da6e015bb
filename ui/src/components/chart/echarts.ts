/** The parts of ECharts that lines need; loaded with the first chart. Other charts bring their own. */
import { CustomChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([LineChart, CustomChart, GridComponent, TooltipComponent, CanvasRenderer]);

export { echarts };
