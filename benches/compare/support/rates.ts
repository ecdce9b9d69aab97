// What benchmarks do with the rates of their rounds.

export const median = (list: readonly number[]): number =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;

/** The median with its spread: `812 (790-830)`. */
export function withSpread(list: readonly number[]): string {
  const spread = `${Math.round(Math.min(...list))}-${Math.round(Math.max(...list))}`;
  return `${Math.round(median(list))} (${spread})`;
}
