type Place = readonly [number, number];

/** What a map draws: lines and areas as paths of SVG, points as places, within a box. */
export interface Drawing {
  readonly paths: readonly { readonly d: string; readonly area: boolean }[];
  readonly points: readonly Place[];
  readonly box: readonly [number, number, number, number];
}

const MOST = 50_000;

/** The geometries of GeoJSON (RFC 7946), flattened about their middle; `undefined` where there are none. */
export function drawingOf(json: unknown): Drawing | undefined {
  const lines: { places: Place[][]; area: boolean }[] = [];
  const points: Place[] = [];
  gather(json, lines, points);
  const all = [...points, ...lines.flatMap(({ places }) => places.flat())];
  if (all.length === 0) return undefined;
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of all) {
    [west, east] = [Math.min(west, x), Math.max(east, x)];
    [south, north] = [Math.min(south, y), Math.max(north, y)];
  }
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180) || 1;
  const flat = ([x, y]: Place): Place => [(x - west) * shrink, north - y];
  return {
    paths: lines.map(({ places, area }) => ({
      d: places.map((ring) => pathOf(ring.map(flat), area)).join(""),
      area,
    })),
    points: points.map(flat),
    box: [0, 0, Math.max((east - west) * shrink, 1e-6), Math.max(north - south, 1e-6)],
  };
}

const pathOf = (ring: readonly Place[], area: boolean): string =>
  ring.map(([x, y], i) => `${i === 0 ? "M" : "L"}${x} ${y}`).join("") + (area ? "Z" : "");

function gather(json: unknown, lines: { places: Place[][]; area: boolean }[], points: Place[]) {
  if (typeof json !== "object" || json === null || lines.length + points.length > MOST) return;
  const { type, coordinates, geometry, features, geometries } = json as Record<string, unknown>;
  for (const one of [geometry, features, geometries].flat()) gather(one, lines, points);
  const depth = DEPTHS[String(type)];
  if (depth === undefined || !Array.isArray(coordinates)) return;
  const rings = ringsOf(coordinates, depth);
  if (String(type).endsWith("Point")) points.push(...rings.flat());
  else lines.push({ places: rings, area: String(type).endsWith("Polygon") });
}

/** How deep the places lie in the coordinates. */
const DEPTHS: Record<string, number> = {
  Point: 0,
  MultiPoint: 1,
  LineString: 1,
  MultiLineString: 2,
  Polygon: 2,
  MultiPolygon: 3,
};

function ringsOf(coordinates: readonly unknown[], depth: number): Place[][] {
  if (depth === 0) return isPlace(coordinates) ? [[[coordinates[0], coordinates[1]]]] : [];
  if (depth === 1) return [coordinates.filter(isPlace).map(([x, y]): Place => [x, y])];
  return coordinates.filter(Array.isArray).flatMap((one) => ringsOf(one, depth - 1));
}

const isPlace = (value: unknown): value is number[] & Place =>
  Array.isArray(value) && Number.isFinite(value[0]) && Number.isFinite(value[1]);
