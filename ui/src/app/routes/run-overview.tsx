export function RunOverview() {
  return null;
}
