import { type ChartSpec, type Kind, quotedPattern, SHAPES } from "./chart-spec";

const AXES = 4;

/** A chart to begin with: of the params and metrics that come first. */
export function proposed(
  kind: Kind,
  params: readonly string[],
  metrics: readonly string[],
): ChartSpec {
  const [metric = params[0] ?? "", other = metric] = metrics;
  const [first = other, second = first] = params;
  const fields: Record<Kind, readonly string[]> = {
    lines: [quotedPattern(other === metric ? metric : (metric.split("/").at(-1) ?? metric))],
    scatter: [first, metric],
    parallel: [...params.slice(0, AXES), metric],
    bar: [metric, first],
    box: [metric, first],
    contour: [first, second, metric],
    importance: [metric],
  };
  const { roles, many } = SHAPES[kind];
  const asked = many ? fields[kind] : fields[kind].slice(0, roles.length);
  return { kind, fields: asked.filter(Boolean), options: [], brush: new Map() };
}
