// Tables with columns of all types, keys, checks and rows.
import type { Random } from '../support/random.ts';
import { FAMILIES, type Family, literal, TYPES, type Type } from './values.ts';

export interface Column {
  readonly name: string;
  readonly type: Type;
  readonly family: Family;
}

export interface Table {
  readonly name: string;
  /** The first one is the key. */
  readonly columns: readonly Column[];
}

export interface Schema {
  readonly tables: readonly Table[];
  /** What makes it, in order. */
  readonly statements: readonly string[];
}

const column = (name: string, type: Type): Column => ({ name, type, family: FAMILIES[type] });

function table(random: Random, name: string): Table {
  const key = column('id', random.pick(['integer', 'bigint', 'smallint'] as const));
  const others = Array.from({ length: 3 + random.below(6) }, (_, at) =>
    column(`c${at + 1}`, random.pick(TYPES)),
  );
  return { name, columns: [key, column('g', 'integer'), ...others] };
}

function define(random: Random, { name, columns }: Table, before: readonly Table[]): string {
  const parts = columns.map(({ name: of, type }, at) => {
    if (at === 0) return `${of} ${type} PRIMARY KEY`;
    if (at === 1) return `${of} ${type}`;
    if (random.chance(10)) return `${of} ${type} NOT NULL`;
    return random.chance(10)
      ? `${of} ${type} DEFAULT ${literal(random, type, 0)}`
      : `${of} ${type}`;
  });
  if (random.chance(30)) parts.push('CHECK (g < 1000)');
  const parent = random.pick([undefined, ...before]);
  if (parent !== undefined && parent.columns[0]?.type === columns[0]?.type) {
    const action = random.pick([
      '',
      ' ON DELETE CASCADE',
      ' ON DELETE SET NULL',
      ' ON UPDATE CASCADE',
    ]);
    parts.push(`p ${parent.columns[0]?.type} REFERENCES ${parent.name}${action}`);
  }
  return `CREATE TABLE ${name} (${parts.join(', ')})`;
}

const INDEXED: readonly Family[] = [
  'integer',
  'numeric',
  'float',
  'text',
  'date',
  'timestamp',
  'uuid',
];

function indexes(random: Random, { name, columns }: Table): string[] {
  const able = columns.slice(1).filter(({ family }) => INDEXED.includes(family));
  return Array.from({ length: random.below(3) }, (_, at) => {
    const of = random.some(able, 1 + random.below(2)).map((one) => one.name);
    return of.length === 0 ? '' : `CREATE INDEX ${name}_i${at} ON ${name} (${of.join(', ')})`;
  }).filter((statement) => statement !== '');
}

/** A row of literals for a table's columns. */
export function rowOf(random: Random, { columns }: Table, key: string): string {
  const values = columns.map(({ type }, at) => {
    if (at === 0) return key;
    return at === 1 ? String(random.below(7)) : literal(random, type);
  });
  return `(${values.join(', ')})`;
}

export function schemaOf(random: Random): Schema {
  const tables: Table[] = [];
  const statements: string[] = [];
  for (let at = 0; at < 3; at += 1) {
    const one = table(random, `t${at}`);
    statements.push(define(random, one, tables), ...indexes(random, one));
    tables.push(one);
  }
  for (const one of tables) {
    const names = one.columns.map(({ name }) => name).join(', ');
    for (let row = 0; row < 25; row += 1) {
      // One by one: a row that is refused leaves the others.
      statements.push(
        `INSERT INTO ${one.name} (${names}) VALUES ${rowOf(random, one, String(row))}`,
      );
    }
  }
  return { tables, statements };
}
