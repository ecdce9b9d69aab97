// Queries and changes over the tables of a schema.

import type { Random } from '../support/random.ts';
import { expression, type Name, type Scope } from './expressions.ts';
import { rowOf, type Schema, type Table } from './schema.ts';
import { FAMILY_NAMES, type Family, literal } from './values.ts';

/** A statement, and how far its answer is fixed. */
export interface Statement {
  readonly sql: string;
  /** The order of its rows is said. */
  readonly isOrdered: boolean;
  /**
   * Whether it fails is fixed too. SQL leaves open which rows and which operands are looked at, so
   * that a query over many rows may meet a division by zero here and not there.
   */
  readonly isStrict: boolean;
  /** It writes. */
  readonly isChange: boolean;
}

const query = (sql: string, isOrdered = false): Statement => ({
  sql,
  isOrdered,
  isStrict: false,
  isChange: false,
});

/** Integers and text twice as often as others. */
const FAMILIES_SHOWN: readonly Family[] = FAMILY_NAMES.flatMap((family) =>
  family === 'integer' || family === 'text' ? [family, family] : [family],
);

const namesOf = (table: Table, alias: string): Name[] =>
  table.columns.map((column) => ({ sql: `${alias}.${column.name}`, column }));

/** Makes values of a family that are equal look alike. */
const PLAIN: Partial<Readonly<Record<Family, (value: string) => string>>> = {
  numeric: (value) => `trim_scale(${value})`,
  // -0 is 0.
  float: (value) => `(${value} + 0)`,
  // 30 days are a month.
  interval: (value) => `justify_interval(${value})`,
  jsonb: (value) => `(${value})::text`,
};

/** Which of two equal values stands for both, or comes first, is open: so they look alike. */
const plain = (family: Family, value: string): string => PLAIN[family]?.(value) ?? value;

/** Sums of floats depend on their order; minima of these do not exist. */
const AGGREGATES: readonly (readonly [string, Family])[] = [
  ['count(@)', 'text'],
  ['count(DISTINCT @)', 'integer'],
  ['sum(@)', 'integer'],
  ['sum(@)', 'numeric'],
  ['avg(@)', 'integer'],
  ['avg(@)', 'numeric'],
  ['min(@)', 'text'],
  [`max(${plain('numeric', '@')})`, 'numeric'],
  ['min(@)', 'date'],
  ['max(@)', 'timestamp'],
  ['bool_and(@)', 'boolean'],
  ['bool_or(@)', 'boolean'],
  [`min(${plain('float', '@')})`, 'float'],
  ['bit_or(@)', 'integer'],
];

const change = (sql: string): Statement => ({ ...query(sql), isChange: true });

/** Makes statements for one schema. */
export class Statements {
  readonly #random: Random;
  readonly #schema: Schema;
  #aliases = 0;
  #keys = 1000;

  constructor(random: Random, schema: Schema) {
    this.#random = random;
    this.#schema = schema;
  }

  next(): Statement {
    const random = this.#random;
    this.#aliases = 0;
    const dice = random.below(100);
    if (dice < 55) return this.#query();
    if (dice < 65) return this.#setOperation();
    if (dice < 72) return this.#window();
    if (dice < 80) return change(this.#insert());
    if (dice < 88) return change(this.#update());
    if (dice < 92) return change(this.#delete());
    return this.#constants();
  }

  #alias(): string {
    this.#aliases += 1;
    return `a${this.#aliases}`;
  }

  #scope(names: readonly Name[], depth = 1): Scope {
    return {
      random: this.#random,
      names,
      ...(depth > 0 ? { subquery: (family: Family) => this.#subquery(names, family, depth) } : {}),
    };
  }

  /** One value from another table, related to the outer row or not. */
  #subquery(outer: readonly Name[], family: Family, depth: number): string {
    const random = this.#random;
    const alias = this.#alias();
    const table = random.pick(this.#schema.tables);
    const names = namesOf(table, alias);
    const scope = this.#scope([...names, ...random.some(outer, 3)], depth - 1);
    const where = expression(scope, 'boolean', 2);
    if (random.chance(40)) {
      const picks = AGGREGATES.filter(([, of]) => of === family && family !== 'float');
      const pick = picks.find(([call]) => /^(?:min|max|bool)/.test(call));
      if (pick !== undefined) {
        const inner = expression(this.#scope(names, 0), pick[1], 1);
        return `SELECT ${pick[0].replace('@', inner)} FROM ${table.name} ${alias} WHERE ${where}`;
      }
    }
    const value = expression(this.#scope(names, 0), family, 1);
    return `SELECT ${value} FROM ${table.name} ${alias} WHERE ${alias}.id = ${random.below(25)} AND ${where}`;
  }

  #from(): { readonly sql: string; readonly names: readonly Name[] } {
    const random = this.#random;
    const first = random.pick(this.#schema.tables);
    const alias = this.#alias();
    let sql = `${first.name} ${alias}`;
    let names = namesOf(first, alias);
    for (let more = random.below(3); more > 0; more -= 1) {
      const table = random.pick(this.#schema.tables);
      const other = this.#alias();
      const theirs = namesOf(table, other);
      const kind = random.pick(['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN', 'CROSS JOIN']);
      const left = random.pick(names.filter(({ column }) => column.family === 'integer'));
      const right = `${other}.${random.pick(['id', 'g'])}`;
      // A full join is made on equalities; others on anything.
      const extra =
        kind === 'FULL JOIN' || random.chance(60)
          ? ''
          : ` AND ${expression(this.#scope([...names, ...theirs], 0), 'boolean', 2)}`;
      const on = kind === 'CROSS JOIN' ? '' : ` ON ${left.sql} = ${right}${extra}`;
      sql += ` ${kind} ${table.name} ${other}${on}`;
      names = [...names, ...theirs];
    }
    return { sql, names };
  }

  #where(names: readonly Name[], percent = 70): string {
    const random = this.#random;
    if (!random.chance(percent)) return '';
    const parts = random.list(2, () => this.#condition(names));
    return ` WHERE ${parts.join(random.pick([' AND ', ' OR ']))}`;
  }

  #condition(names: readonly Name[]): string {
    const random = this.#random;
    if (random.chance(80)) return expression(this.#scope(names), 'boolean', 3);
    const alias = this.#alias();
    const table = random.pick(this.#schema.tables);
    const inner = this.#scope([...namesOf(table, alias), ...random.some(names, 2)], 0);
    const where = expression(inner, 'boolean', 2);
    const related = `${alias}.${random.pick(['id', 'g'])} = ${random.pick(names.filter(({ column }) => column.family === 'integer')).sql}`;
    const not = random.chance(40) ? 'NOT ' : '';
    if (random.chance(60)) {
      return `${not}EXISTS (SELECT 1 FROM ${table.name} ${alias} WHERE ${related} AND ${where})`;
    }
    const value = expression(this.#scope(names, 0), 'integer', 1);
    return `${value} ${not}IN (SELECT ${alias}.g FROM ${table.name} ${alias} WHERE ${where})`;
  }

  #query(): Statement {
    const random = this.#random;
    const { sql: from, names } = this.#from();
    if (random.chance(30)) return this.#grouped(from, names);
    const shown = random.list(5, () => this.#shown(names));
    const distinct = random.chance(15) ? 'DISTINCT ' : '';
    const where = this.#where(names);
    const sql = `SELECT ${distinct}${shown.join(', ')} FROM ${from}${where}`;
    if (random.chance(50)) return query(sql);
    // Ordered by all that is shown, so that the order is one.
    const order = shown.map((_, at) => {
      const nulls = random.pick(['', ' NULLS FIRST', ' NULLS LAST']);
      return `${at + 1}${random.pick(['', ' DESC'])}${nulls}`;
    });
    const limit = random.chance(50) ? ` LIMIT ${random.below(20)}` : '';
    const offset = random.chance(20) ? ` OFFSET ${random.below(10)}` : '';
    return query(`${sql} ORDER BY ${order.join(', ')}${limit}${offset}`, true);
  }

  #shown(names: readonly Name[]): string {
    const family = this.#random.pick(FAMILIES_SHOWN);
    return plain(family, expression(this.#scope(names), family, 3));
  }

  #grouped(from: string, names: readonly Name[]): Statement {
    const random = this.#random;
    const groups = random.list(2, () => {
      const family = random.pick(['integer', 'text', 'boolean', 'date', 'numeric'] as const);
      return plain(family, expression(this.#scope(names, 0), family, 1));
    });
    const aggregate = (): string => {
      const [call, family] = random.pick(AGGREGATES);
      const filled = call.replace('@', expression(this.#scope(names, 0), family, 2));
      const filter = random.chance(20)
        ? ` FILTER (WHERE ${expression(this.#scope(names, 0), 'boolean', 1)})`
        : '';
      return filled + filter;
    };
    const shown = random.list(4, aggregate);
    const where = this.#where(names, 40);
    if (random.chance(25)) {
      return query(`SELECT ${shown.join(', ')} FROM ${from}${where}`);
    }
    const having = random.chance(25)
      ? ` HAVING count(*) ${random.pick(['>', '<', '='])} ${random.below(5)}`
      : '';
    const keys = groups.map((_, at) => String(at + 1));
    const by = random.chance(20)
      ? random.pick([`ROLLUP (${keys.join(', ')})`, `CUBE (${keys.join(', ')})`])
      : keys.join(', ');
    const group = /^(?:ROLLUP|CUBE)/.test(by)
      ? by.replace(/\d+/g, (at) => groups[Number(at) - 1] ?? at)
      : by;
    return query(
      `SELECT ${[...groups, ...shown].join(', ')} FROM ${from}${where} GROUP BY ${group}${having}`,
    );
  }

  #setOperation(): Statement {
    const random = this.#random;
    const families = random.list(3, () =>
      random.pick(['integer', 'text', 'numeric', 'date', 'boolean'] as const),
    );
    const part = (): string => {
      const { sql, names } = this.#from();
      const shown = families.map((family) =>
        plain(family, expression(this.#scope(names, 0), family, 2)),
      );
      return `SELECT ${shown.join(', ')} FROM ${sql}${this.#where(names, 50)}`;
    };
    const operator = random.pick([
      'UNION',
      'UNION ALL',
      'INTERSECT',
      'EXCEPT',
      'INTERSECT ALL',
      'EXCEPT ALL',
    ]);
    const sql = `${part()} ${operator} ${part()}`;
    if (random.chance(40)) return query(`WITH w AS (${sql}) SELECT count(*) FROM w`);
    return query(sql);
  }

  #window(): Statement {
    const random = this.#random;
    const table = random.pick(this.#schema.tables);
    const alias = this.#alias();
    const names = namesOf(table, alias);
    const by = random.chance(70) ? `PARTITION BY ${alias}.g ` : '';
    const value = (family: Family): string => expression(this.#scope(names, 0), family, 1);
    const call = random.pick([
      'row_number()',
      'rank()',
      'dense_rank()',
      `lag(${value('text')})`,
      `lead(${value('numeric')}, 2)`,
      `first_value(${value('integer')})`,
      `sum(${value('integer')})`,
      'ntile(3)',
      `count(${value('text')})`,
      `max(${value('date')})`,
    ]);
    const frame =
      /^(?:sum|count|max|first)/.test(call) && random.chance(50)
        ? random.pick([
            ' ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING',
            ' ROWS UNBOUNDED PRECEDING',
            ' RANGE UNBOUNDED PRECEDING',
          ])
        : '';
    const window = `(${by}ORDER BY ${alias}.id${random.pick(['', ' DESC'])}${frame})`;
    return query(
      `SELECT ${alias}.id, ${call} OVER ${window} FROM ${table.name} ${alias}${this.#where(names, 40)}`,
    );
  }

  /** One value, of constants or of one row: it fails or it does not. */
  #constants(): Statement {
    const random = this.#random;
    const family = random.pick(FAMILIES_SHOWN);
    if (random.chance(50)) {
      const value = expression({ random, names: [] }, family, 4);
      return { ...query(`SELECT ${value}`), isStrict: true };
    }
    const table = random.pick(this.#schema.tables);
    // One operation on columns: no operand is looked at before another.
    const value = expression({ random, names: namesOf(table, table.name) }, family, 1);
    const sql = `SELECT ${value} FROM ${table.name} WHERE ${table.name}.id = ${random.below(25)}`;
    return { ...query(sql), isStrict: true };
  }

  #insert(): string {
    const random = this.#random;
    const table = random.pick(this.#schema.tables);
    const names = table.columns.map(({ name }) => name).join(', ');
    const rows = random.list(3, () => {
      this.#keys += 1;
      return rowOf(
        random,
        table,
        random.chance(30) ? String(random.below(30)) : String(this.#keys),
      );
    });
    const other = random.pick(table.columns.slice(1));
    const conflict = random.pick([
      '',
      '',
      ' ON CONFLICT DO NOTHING',
      ` ON CONFLICT (id) DO UPDATE SET ${other.name} = EXCLUDED.${other.name}`,
    ]);
    const returning = random.chance(50) ? ' RETURNING *' : '';
    return `INSERT INTO ${table.name} (${names}) VALUES ${rows.join(', ')}${conflict}${returning}`;
  }

  #update(): string {
    const random = this.#random;
    const table = random.pick(this.#schema.tables);
    const names = namesOf(table, table.name);
    const set = random.some(table.columns.slice(1), 2).map(({ name, type, family }) => {
      const value = random.chance(40)
        ? literal(random, type)
        : `(${expression(this.#scope(names, 0), family, 2)})::${type}`;
      return `${name} = ${value}`;
    });
    const returning = random.chance(40)
      ? ` RETURNING ${table.name}.id, ${set[0]?.split(' ')[0]}`
      : '';
    return `UPDATE ${table.name} SET ${set.join(', ')}${this.#where(names, 90)}${returning}`;
  }

  #delete(): string {
    const random = this.#random;
    const table = random.pick(this.#schema.tables);
    const names = namesOf(table, table.name);
    const few = `${table.name}.id % 7 = ${random.below(7)}`;
    return `DELETE FROM ${table.name} WHERE ${few} AND ${expression(this.#scope(names, 0), 'boolean', 2)} RETURNING id`;
  }
}
