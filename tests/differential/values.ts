// Types and their literals, extremes and NULLs among them.
import type { Random } from '../support/random.ts';

export const TYPES = [
  'smallint',
  'integer',
  'bigint',
  'numeric',
  'numeric(8,2)',
  'double precision',
  'text',
  'varchar(5)',
  'boolean',
  'date',
  'timestamp',
  'interval',
  'uuid',
  'bytea',
  'jsonb',
  'integer[]',
] as const;

export type Type = (typeof TYPES)[number];

/** What operators and functions take: types that behave alike. */
export const FAMILY_NAMES = [
  'integer',
  'numeric',
  'float',
  'text',
  'boolean',
  'date',
  'timestamp',
  'interval',
  'uuid',
  'bytea',
  'jsonb',
  'array',
] as const;

export type Family = (typeof FAMILY_NAMES)[number];

export const FAMILIES: Readonly<Record<Type, Family>> = {
  smallint: 'integer',
  integer: 'integer',
  bigint: 'integer',
  numeric: 'numeric',
  'numeric(8,2)': 'numeric',
  'double precision': 'float',
  text: 'text',
  'varchar(5)': 'text',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'timestamp',
  interval: 'interval',
  uuid: 'uuid',
  bytea: 'bytea',
  jsonb: 'jsonb',
  'integer[]': 'array',
};

/** Texts that the type's input takes, and now and then one that it refuses. */
const TEXTS: Readonly<Record<Type, readonly string[]>> = {
  smallint: ['0', '1', '-1', '7', '32767', '-32768', '42', '32768'],
  integer: ['0', '1', '-1', '3', '10', '2147483647', '-2147483648', '100', '2147483648'],
  bigint: ['0', '1', '-5', '9223372036854775807', '-9223372036854775808', '1000000', '77'],
  numeric: ['0', '1.5', '-0.001', '12345678901234567890.123456789', 'NaN', '1e-10', '100', '2.50'],
  'numeric(8,2)': ['0.00', '1.10', '-99.99', '999999.99', '0.005', '1000000', '33.33'],
  'double precision': [
    '0',
    '1.5',
    '-2.25',
    '1e300',
    '-1e-300',
    'Infinity',
    '-Infinity',
    'NaN',
    '0.1',
    '-0',
  ],
  text: [
    '',
    'a',
    'abc',
    'Zebra',
    'zebra',
    '  x ',
    'ä',
    '日本',
    '%',
    '_a',
    'null',
    '1',
    "it''s",
    '\\',
    'A_b%',
  ],
  'varchar(5)': ['', 'a', 'abcde', 'AB', 'x  ', 'äöü', '12345', 'abcdef'],
  boolean: ['true', 'false'],
  date: [
    '2000-01-01',
    '1970-01-01',
    '2024-02-29',
    '0001-01-01',
    '9999-12-31',
    '2026-11-21',
    '4713-01-01 BC',
  ],
  timestamp: [
    '2000-01-01 00:00:00',
    '2024-02-29 23:59:59.999999',
    '1969-12-31 12:00:00',
    '2026-03-04 05:06:07.5',
    '9999-12-31 23:59:59',
  ],
  interval: [
    '0',
    '1 day',
    '-1 month',
    '1 year 2 mons 3 days 04:05:06.7',
    '36:00:00',
    '-00:00:00.000001',
    '1 mon -1 day',
  ],
  uuid: [
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '123e4567-e89b-12d3-a456-426614174000',
  ],
  bytea: ['\\x', '\\x00', '\\xff00ff', '\\xdeadbeef', 'abc'],
  jsonb: [
    'null',
    '1',
    '"a"',
    '{}',
    '[]',
    '{"a": 1, "b": [1, 2, {"c": null}]}',
    '[1, "x", 2.50, true]',
    '{"a": {"b": "deep"}}',
  ],
  'integer[]': ['{}', '{1,2,3}', '{NULL}', '{3,NULL,1}', '{{1,2},{3,4}}', '{2147483647}'],
};

/** A literal of a type, as SQL; `NULL` among them. */
export function literal(random: Random, type: Type, nullPercent = 12): string {
  if (random.chance(nullPercent)) return `NULL::${type}`;
  return `'${random.pick(TEXTS[type])}'::${type}`;
}
