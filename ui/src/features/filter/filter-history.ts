/** The filters that were used last at a place, which the ids of its experiments name, remembered by this browser. */

const MOST = 12;
const key = (place: string): string => `headrace:filters:${place}`;

export function usedFilters(place: string): string[] {
  try {
    const known: unknown = JSON.parse(localStorage.getItem(key(place)) ?? "[]");
    return Array.isArray(known) ? known.filter((one) => typeof one === "string") : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

export function rememberFilter(place: string, filter: string): void {
  const others = usedFilters(place).filter((one) => one !== filter);
  keep(place, [filter, ...others].slice(0, MOST));
}

export function forgetFilter(place: string, filter: string): void {
  keep(
    place,
    usedFilters(place).filter((one) => one !== filter),
  );
}

const keep = (place: string, filters: readonly string[]): void =>
  localStorage.setItem(key(place), JSON.stringify(filters));
