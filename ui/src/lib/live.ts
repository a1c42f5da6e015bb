/** How often what is open is asked for again. */

export const LIVE_MS = 2_000;
const SHARE = 10;

/** A period for refetching that leaves the server nine tenths of its time when answers are slow. */
export const period = (lastMs: number, least = LIVE_MS): number => Math.max(least, lastMs * SHARE);

const taken = new Map<string, number>();

/** Runs `work`, remembering under `name` how long it took. */
export async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  taken.set(name, performance.now() - started);
  return result;
}

export const pace =
  (name: string, least = LIVE_MS) =>
  (): number =>
    period(taken.get(name) ?? 0, least);
