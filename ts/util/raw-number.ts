// Numbers of JSON with more digits than a double holds.

/** A number as it was written; `JSON.stringify` writes it so again. */
export interface RawNumber {
  readonly rawJSON: string;
}

/** Of the language since 2025, and unknown to the compiler's library. */
const json = JSON as JSON & {
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
};

/** A reviver of `JSON.parse`: a number that would lose digits stays as it was written. */
export function keepNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined || String(value) === source) return value;
  return json.rawJSON(source);
}

/** The digits of a number that `keepNumber` kept. */
export function rawNumberOf(value: unknown): string | undefined {
  return json.isRawJSON(value) ? value.rawJSON : undefined;
}
