// Values of JSON as the input texts of SQL's types.
import { rawNumberOf } from '../../util/raw-number.ts';

/** An element of an array. */
function elementText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (Array.isArray(value)) return arrayText(value);
  return `"${plainText(value).replace(/["\\]/g, '\\$&')}"`;
}

/** `{"a","b"}`, as array types read it. */
export function arrayText(values: readonly unknown[]): string {
  return `{${values.map(elementText).join(',')}}`;
}

/** Text as it is, numbers in their digits, anything else as JSON. */
export function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  return rawNumberOf(value) ?? (typeof value === 'object' ? JSON.stringify(value) : String(value));
}
