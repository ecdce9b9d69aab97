// Types of columns from the texts of their values. Every type has what it may widen to; text holds
// anything, so there is always a type.

export type InferredType =
  | 'boolean'
  | 'bigint'
  | 'numeric'
  | 'double precision'
  | 'date'
  | 'timestamp'
  | 'timestamptz'
  | 'uuid'
  | 'json'
  | 'text';

const INTEGER = /^-?(0|[1-9]\d*)$/;
const DECIMAL = /^-?(0|[1-9]\d*)?\.\d+$|^-?(0|[1-9]\d*)\.$/;
const EXPONENT = /^-?(0|[1-9]\d*)?(\.\d*)?[eE][-+]?\d+$/;
const NOT_FINITE = /^(nan|-?inf(inity)?)$/i;
/** As PostgreSQL writes it, or spelled out; a capital F alone is more likely a code. */
const BOOLEAN = /^([tf]|true|false|True|False|TRUE|FALSE)$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIMESTAMP =
  /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?( ?(?:Z|UTC|[-+]\d{2}(?::?\d{2})?))?$/i;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The digits that always fit into a bigint. */
const BIGINT_DIGITS = 18;
const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDay(year: string, month: string, day: string): boolean {
  const days = MONTH_DAYS[Number(month) - 1] ?? 0;
  const isLeap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0);
  const limit = month === '02' && !isLeap ? 28 : days;
  return Number(year) > 0 && Number(day) >= 1 && Number(day) <= limit;
}

function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function momentType(text: string): InferredType | undefined {
  const date = DATE.exec(text);
  if (date !== null) return isDay(date[1] ?? '', date[2] ?? '', date[3] ?? '') ? 'date' : undefined;
  const moment = TIMESTAMP.exec(text);
  if (moment === null) return undefined;
  const [, year = '', month = '', day = '', hour, minute, second = '0', zone] = moment;
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
  if (!isTime || !isDay(year, month, day)) return undefined;
  return zone === undefined ? 'timestamp' : 'timestamptz';
}

/** The narrowest type that reads a text. A number with zeros before it is no number but a name. */
export function typeOfText(text: string): InferredType {
  if (INTEGER.test(text)) {
    return text.replace('-', '').length <= BIGINT_DIGITS ? 'bigint' : 'numeric';
  }
  if (DECIMAL.test(text)) return 'numeric';
  if (EXPONENT.test(text) || NOT_FINITE.test(text)) return 'double precision';
  if (BOOLEAN.test(text)) return 'boolean';
  const moment = momentType(text);
  if (moment !== undefined) return moment;
  if (UUID.test(text)) return 'uuid';
  return isJson(text) ? 'json' : 'text';
}

/** Families of types, each one reading all that the ones before it read. */
const FAMILIES: readonly (readonly InferredType[])[] = [
  ['bigint', 'numeric', 'double precision'],
  ['date', 'timestamp', 'timestamptz'],
];

/** The narrowest type that reads what both read. */
export function widen(one: InferredType, other: InferredType): InferredType {
  if (one === other) return one;
  const family = FAMILIES.find((types) => types.includes(one) && types.includes(other));
  if (family === undefined) return 'text';
  return family.indexOf(one) > family.indexOf(other) ? one : other;
}

/** The next wider type, for a value behind the sample that does not fit. */
export function widerThan(type: InferredType): InferredType {
  const family = FAMILIES.find((types) => types.includes(type)) ?? [];
  return family[family.indexOf(type) + 1] ?? 'text';
}

/** Of ten values so many are enough for a type where the others are left out. */
const MAJORITY = 0.9;

/**
 * The type of a column; `text` where no value is known. Where bad lines are left out a few values
 * that do not fit are taken for bad: the type is then that of at least nine in ten.
 */
export function typeOfColumn(values: Iterable<string | null>, leavesOutBad: boolean): InferredType {
  const counts: Partial<Record<InferredType, number>> = {};
  let total = 0;
  for (const value of values) {
    if (value === null) continue;
    const type = typeOfText(value);
    counts[type] = (counts[type] ?? 0) + 1;
    total += 1;
  }
  const types = Object.keys(counts) as InferredType[];
  const [first, ...others] = types;
  if (first === undefined) return 'text';
  const all = others.reduce(widen, first);
  if (all !== 'text' || !leavesOutBad) return all;
  const groups = types.map((type) => types.filter((other) => widen(type, other) !== 'text'));
  const found = groups.find((group) => {
    const fitting = group.reduce((sum, type) => sum + (counts[type] ?? 0), 0);
    return !group.includes('text') && fitting >= total * MAJORITY;
  });
  return found === undefined ? 'text' : found.reduce(widen);
}
