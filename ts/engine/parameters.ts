import { RustyError } from '../errors/index.ts';
import { INTEGERS_MAX } from '../native/index.ts';

/** What a statement's parameter may be. */
export type Parameter =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Date
  | Uint8Array
  | readonly Parameter[]
  | { readonly [key: string]: unknown };

function encodeOne(value: unknown, place: string): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      // JSON has no infinities; the input of float8 has.
      return Number.isFinite(value) ? String(value) : `"${value}"`;
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'undefined':
      return 'null';
    case 'object':
      return encodeObject(value, place);
    default:
      throw RustyError.of('VALIDATION_ERROR', { what: `${place} is a ${typeof value}` });
  }
}

function encodeObject(value: object | null, place: string): string {
  if (value === null) return 'null';
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) {
      throw RustyError.of('VALIDATION_ERROR', { what: `${place} is an invalid Date` });
    }
    return `"${value.toISOString()}"`;
  }
  if (value instanceof Uint8Array) return `"\\\\x${Buffer.from(value).toString('hex')}"`;
  if (Array.isArray(value)) {
    return `[${value.map((element, at) => encodeOne(element, `${place}[${at}]`)).join(',')}]`;
  }
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner));
}

/** What is nested too deep for the stack is refused, as the engine would. */
function encodeShallow(value: unknown, place: string): string {
  try {
    return encodeOne(value, place);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw RustyError.ofSqlstate('54001', `${place} is nested too deep`, { cause: error });
  }
}

/** Parameters that may cross as numbers: a few, all of them whole; undefined for others. */
export function integersOf(values: readonly unknown[]): readonly number[] | undefined {
  if (values.length === 0 || values.length > INTEGERS_MAX) return undefined;
  for (let at = 0; at < values.length; at += 1) {
    if (!Number.isSafeInteger(values[at])) return undefined;
  }
  return values as readonly number[];
}

/**
 * Parameters as the text that `StatementRequest.parameters` takes. Dates are timestamps in UTC,
 * bytes are bytea, arrays are for array types, json and jsonb, other objects for json and jsonb.
 *
 * Throws a VALIDATION_ERROR that names the parameter which has no value in SQL.
 */
export function encodeParameters(values: readonly unknown[]): string {
  if (values.length === 0) return '';
  let text = '[';
  for (let at = 0; at < values.length; at += 1) {
    if (at > 0) text += ',';
    const value = values[at];
    // The place is put together only where it may be needed.
    text +=
      typeof value === 'object' || typeof value === 'function' || typeof value === 'symbol'
        ? encodeShallow(value, `parameter $${at + 1}`)
        : encodeOne(value, '');
  }
  return `${text}]`;
}
