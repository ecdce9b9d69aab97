/** Rows as the server wrote their values. */
export type Rows = readonly (readonly (string | null)[])[];

const FLOAT = /^-?\d+(\.\d+)?e[+-]\d+$/i;

function sameValue(ours: string | null, theirs: string | null): boolean {
  if (ours === theirs) return true;
  if (ours === null || theirs === null) return false;
  // Only floats may differ in their last digits: sums depend on the order of the rows.
  if (!FLOAT.test(ours) && !FLOAT.test(theirs)) return false;
  const [a, b] = [Number(ours), Number(theirs)];
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}

/** What differs first between two answers; undefined if nothing does. */
export function difference(ours: Rows, theirs: Rows): string | undefined {
  if (ours.length !== theirs.length) return `${ours.length} rows instead of ${theirs.length}`;
  for (const [at, expected] of theirs.entries()) {
    const row = ours[at] ?? [];
    const same =
      row.length === expected.length &&
      expected.every((value, column) => sameValue(row[column] ?? null, value));
    if (!same) return `row ${at + 1}: ${row.join('|')} instead of ${expected.join('|')}`;
  }
  return undefined;
}
