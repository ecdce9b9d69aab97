// The files of the audit log: each is named by the number of its first record, so that their order is
// that of their names, and begins with a record that says why it was begun.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const NAME = /^audit-\d{16}\.ndjson$/;
const DIGITS = 16;

export function segmentName(firstSeq: number): string {
  return `audit-${String(firstSeq).padStart(DIGITS, '0')}.ndjson`;
}

/** The paths of a folder's segments, the oldest first; none where there is no folder. */
export async function segmentsOf(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => NAME.test(name))
      .toSorted()
      .map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** What stands behind the last whole record of a segment: a write that a crash cut off. */
export interface TornEnd {
  /** The name of the segment. */
  readonly segment: string;
  /** Where it begins. */
  readonly offset: number;
  readonly bytes: number;
  readonly sha256: string;
}
