/** What a person chose in an experiment, remembered by this browser. */

const key = (experimentId: string): string => `headrace:columns:${experimentId}`;

export const rememberedColumns = (experimentId: string): string | undefined =>
  localStorage.getItem(key(experimentId)) ?? undefined;

export function rememberColumns(experimentId: string, columns: string | undefined): void {
  if (columns === undefined) localStorage.removeItem(key(experimentId));
  else localStorage.setItem(key(experimentId), columns);
}
