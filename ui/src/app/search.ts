/** The part of an address after `?`: plain texts, readable and short. */

export type Search = Record<string, string | undefined>;

export const readSearch = (text: string): Search => Object.fromEntries(new URLSearchParams(text));

export function writeSearch(search: Record<string, unknown>): string {
  const kept = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(kept.map(([name, value]) => [name, String(value)])).toString();
  // These may stand as they are, and an address is read by people too.
  const plain = text.replace(/%(21|2C|3A|2F|28|29|40|60)/g, (code) => decodeURIComponent(code));
  return plain === "" ? "" : `?${plain}`;
}

/** Keeps the named texts of an address, whatever else somebody wrote there. */
export const texts =
  <N extends string>(...names: N[]) =>
  (given: Record<string, unknown>): { [K in N]?: string } => {
    const kept: { [K in N]?: string } = {};
    for (const name of names) {
      const value = given[name];
      if (typeof value === "string" && value !== "") kept[name] = value;
    }
    return kept;
  };
