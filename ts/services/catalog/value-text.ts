// Values of JSON as the input texts of SQL's types.
import { RustyError } from '../../errors/index.ts';
import { rawNumberOf } from '../../util/raw-number.ts';

/** As PostgreSQL's arrays. */
const DIMENSIONS_MAX = 6;

function elementText(value: unknown, dimensions: number): string {
  if (value === null || value === undefined) return 'NULL';
  if (Array.isArray(value)) return arrayText(value, dimensions + 1);
  return `"${plainText(value).replace(/["\\]/g, '\\$&')}"`;
}

/** `{"a","b"}`, as array types read it. */
export function arrayText(values: readonly unknown[], dimensions = 1): string {
  if (dimensions > DIMENSIONS_MAX) {
    throw RustyError.ofSqlstate(
      '54000',
      `number of array dimensions (${dimensions}) exceeds the maximum allowed (${DIMENSIONS_MAX})`,
    );
  }
  return `{${values.map((value) => elementText(value, dimensions)).join(',')}}`;
}

/** Text as it is, numbers in their digits, anything else as JSON. */
export function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  return rawNumberOf(value) ?? (typeof value === 'object' ? JSON.stringify(value) : String(value));
}
