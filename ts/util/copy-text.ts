// What a COPY says in words: where a line is at fault, how many lines were left out, and how it is
// asked to leave them out.

/** Where a fault lies. */
export interface CopyPlace {
  /** 1-based. */
  readonly line: number;
  readonly column: string | undefined;
  /** The value or the line, as far as it is told; NULL as `null input`. */
  readonly value: string | undefined;
}

const PLACE = /^COPY .*?, line (\d+)(?:, column ([\s\S]*?))?(?:: (null input|"[\s\S]*"))?$/m;

/** `COPY t, line 5, column a: "x"` as a place; undefined where the context names no line. */
export function copyPlaceOf(context: string | undefined): CopyPlace | undefined {
  const found = PLACE.exec(context ?? '');
  if (found === null) return undefined;
  const [, line, column, value] = found;
  return { line: Number(line), column, value: value?.replace(/^"([\s\S]*)"$/, '$1') };
}

/** How many lines were left out, where a notice is the summary of a COPY that says so. */
export function skippedRowsOf(message: string | undefined): number | undefined {
  const found = /^(\d+) rows? (?:was|were) skipped/.exec(message ?? '');
  return found === null ? undefined : Number(found[1]);
}

/** The options by which faulty lines are left out, each with a notice, up to a limit. */
export function skipOptions(rejectLimit: number | undefined): readonly string[] {
  const limit = rejectLimit === undefined ? [] : [`REJECT_LIMIT ${rejectLimit}`];
  return ['ON_ERROR ignore', 'LOG_VERBOSITY verbose', ...limit];
}
