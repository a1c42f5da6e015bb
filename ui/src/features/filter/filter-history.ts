/** The filters that were used last in an experiment, remembered by this browser. */

const MOST = 12;
const key = (experimentId: string): string => `headrace:filters:${experimentId}`;

export function usedFilters(experimentId: string): string[] {
  try {
    const known: unknown = JSON.parse(localStorage.getItem(key(experimentId)) ?? "[]");
    return Array.isArray(known) ? known.filter((one) => typeof one === "string") : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

export function rememberFilter(experimentId: string, filter: string): void {
  const others = usedFilters(experimentId).filter((one) => one !== filter);
  keep(experimentId, [filter, ...others].slice(0, MOST));
}

export function forgetFilter(experimentId: string, filter: string): void {
  keep(
    experimentId,
    usedFilters(experimentId).filter((one) => one !== filter),
  );
}

const keep = (experimentId: string, filters: readonly string[]): void =>
  localStorage.setItem(key(experimentId), JSON.stringify(filters));
