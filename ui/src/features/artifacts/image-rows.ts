/** A picture of a run: by itself, or one of a series by step. */
export interface Picture {
  readonly path: string;
  readonly step: number | undefined;
}

export interface ImageRow {
  readonly key: string;
  /** For each run its pictures, by step. */
  readonly pictures: readonly (readonly Picture[])[];
}

const IMAGE = /\.(png|jpe?g|gif|webp|bmp|svg)$/i;
// `images/key+step+3+timestamp+17...+id.png`; clients of MLflow also write % for +.
const SERIES = /^images\/(.+?)[+%]step[+%](-?\d+)[+%]timestamp[+%]\d+[+%].+$/;
const PREVIEW = /[+%]compressed\.\w+$/;

/** The pictures of some runs, a row for each path or series that any of them has. */
export function imageRows(paths: readonly (readonly string[])[]): ImageRow[] {
  const rows = new Map<string, Picture[][]>();
  paths.forEach((files, place) => {
    for (const path of files) {
      if (!IMAGE.test(path) || PREVIEW.test(path)) continue;
      const [, series, step] = SERIES.exec(path) ?? [];
      const key = series?.replaceAll("~", "/") ?? path;
      const pictures = rows.get(key) ?? paths.map(() => []);
      rows.set(key, pictures);
      pictures[place]?.push({ path, step: step === undefined ? undefined : Number(step) });
    }
  });
  return [...rows]
    .map(([key, pictures]) => ({
      key,
      pictures: pictures.map((one) => one.sort((a, b) => (a.step ?? 0) - (b.step ?? 0))),
    }))
    .sort((a, b) => a.key.localeCompare(b.key, "en", { numeric: true }));
}

/** The steps of all series, in order. */
export const stepsOf = (rows: readonly ImageRow[]): number[] => {
  const steps = rows.flatMap(({ pictures }) => pictures.flat().flatMap(({ step }) => step ?? []));
  return [...new Set(steps)].sort((a, b) => a - b);
};

/** What a run's series shows at a step: the picture of that step, or the last one before it. */
export const pictureAt = (pictures: readonly Picture[], step: number): Picture | undefined =>
  pictures.findLast((one) => one.step === undefined || one.step <= step);
