// Brings what a request asks for together with the catalog: which table is meant by a name, and how
// its rows belong to those of the table around it.
import { RustyError } from '../../errors/index.ts';
import { nearest } from '../../util/nearest.ts';
import type { ForeignKey, Relation, Target } from '../catalog/relation.ts';
import type { RelationReader } from '../catalog/relation-reader.ts';
import type { Caller } from '../catalog/statement-runner.ts';
import type { Clauses, EmbeddedClauses, RowQuery, SelectedTable, SelectItem } from './row-query.ts';

/** Columns of two tables that are equal, pair by pair. */
export type Pairs = readonly (readonly [outer: string, inner: string])[];

/** How the rows of an embedded table belong to one row outside. */
export interface Link {
  readonly isToOne: boolean;
  readonly pairs: Pairs;
  /** The table between them, where each row of one has many of the other. */
  readonly via?: { readonly table: Target; readonly innerPairs: Pairs };
}

export interface Embedded {
  /** The key that it has in the answer. */
  readonly name: string;
  readonly item: SelectedTable;
  readonly link: Link;
  readonly level: Level;
}

/** One table of a request. */
export interface Level {
  readonly relation: Relation;
  /** The name that it has in the statement. */
  readonly alias: string;
  readonly items: readonly SelectItem[];
  readonly clauses: Clauses;
  readonly embedded: readonly Embedded[];
}

interface Candidate {
  readonly link: Link;
  readonly inner: Target;
  /** What tells it from others. */
  readonly hints: readonly string[];
}

const NOTHING: Clauses = { where: [], order: [] };

const pairsOf = (outer: Target, inner: Target): Pairs =>
  outer.columns.map((name, at) => [name, inner.columns[at] ?? ''] as const);

const isOf = ({ schema, table }: Target, relation: Relation): boolean =>
  schema === relation.schema && table === relation.name;

const hintsOf = ({ name, from }: ForeignKey): readonly string[] =>
  from.columns.length === 1 ? [name, ...from.columns] : [name];

/** The tables that one foreign key of the relation leads to under this name. */
function candidatesOf(key: ForeignKey, relation: Relation, name: string): readonly Candidate[] {
  const { from, to, isUnique } = key;
  const hints = hintsOf(key);
  const isSelf = isOf(from, relation) && isOf(to, relation);
  const found: Candidate[] = [];
  // Of a table that refers to itself, its name means the rows that refer, the column the one meant.
  if (isOf(from, relation) && (hints.includes(name) || (to.table === name && !isSelf))) {
    found.push({ link: { isToOne: true, pairs: pairsOf(from, to) }, inner: to, hints });
  }
  if (isOf(to, relation) && (from.table === name || (key.name === name && !isSelf))) {
    found.push({ link: { isToOne: isUnique, pairs: pairsOf(to, from) }, inner: from, hints });
  }
  return found;
}

/** Makes the levels of one request. */
class Resolver {
  readonly #reader: RelationReader;
  readonly #caller: Caller;
  readonly #clauses: readonly EmbeddedClauses[];
  #aliases = 0;

  constructor(reader: RelationReader, caller: Caller, clauses: readonly EmbeddedClauses[]) {
    this.#reader = reader;
    this.#caller = caller;
    this.#clauses = clauses;
  }

  async level(
    relation: Relation,
    items: readonly SelectItem[],
    clauses: Clauses,
    way: readonly string[],
  ): Promise<Level> {
    const alias = `t${this.#aliases}`;
    this.#aliases += 1;
    const embedded: Embedded[] = [];
    for (const item of items) {
      if (item.kind === 'table') embedded.push(await this.#embed(relation, item, way));
    }
    return { relation, alias, items, clauses, embedded };
  }

  async #embed(
    relation: Relation,
    item: SelectedTable,
    outerWay: readonly string[],
  ): Promise<Embedded> {
    const { link, inner } = await this.#find(relation, item);
    const name = item.alias ?? item.name;
    const way = [...outerWay, name];
    const key = JSON.stringify(way);
    const clauses = this.#clauses.find((one) => JSON.stringify(one.way) === key) ?? NOTHING;
    const { schema, table } = inner;
    const target = await this.#reader.relation(this.#caller, { schema, name: table });
    return { name, item, link, level: await this.level(target, item.items, clauses, way) };
  }

  async #find(relation: Relation, { name, hint }: SelectedTable): Promise<Candidate> {
    const keys = await this.#reader.foreignKeys(this.#caller, relation);
    const direct = keys.flatMap((key) => candidatesOf(key, relation, name));
    const matching = direct.filter(({ hints }) => hint === undefined || hints.includes(hint));
    const candidates =
      matching.length > 0 ? matching : await this.#through(keys, relation, name, hint);
    const [first] = candidates;
    if (candidates.length === 1 && first !== undefined) return first;
    if (first === undefined) throw noWay(relation, name, keys);
    const choices = candidates.map(({ hints }) => `${name}!${hints[0]}`);
    throw RustyError.of(
      'VALIDATION_ERROR',
      { what: `query: select: "${relation.name}" and "${name}" belong together in several ways` },
      { hint: `Choose one of ${choices.join(', ')}.`, details: { choices } },
    );
  }

  /** Tables that a third one brings together, which refers to both. */
  async #through(
    keys: readonly ForeignKey[],
    relation: Relation,
    name: string,
    hint: string | undefined,
  ): Promise<readonly Candidate[]> {
    const found: Candidate[] = [];
    for (const outer of keys.filter(({ to }) => isOf(to, relation))) {
      const { schema, table } = outer.from;
      if (hint !== undefined && hint !== table) continue;
      const between = await this.#reader.relation(this.#caller, { schema, name: table });
      for (const inner of await this.#reader.foreignKeys(this.#caller, between)) {
        if (!isOf(inner.from, between) || inner.name === outer.name) continue;
        if (inner.to.table !== name) continue;
        found.push({
          link: {
            isToOne: false,
            pairs: pairsOf(outer.to, outer.from),
            via: { table: outer.from, innerPairs: pairsOf(inner.from, inner.to) },
          },
          inner: inner.to,
          hints: [table],
        });
      }
    }
    return found;
  }
}

function noWay(relation: Relation, name: string, keys: readonly ForeignKey[]): RustyError {
  const known = keys.map(({ from, to }) => (isOf(from, relation) ? to.table : from.table));
  const alike = nearest(name, known);
  return RustyError.of(
    'UNDEFINED_OBJECT',
    { what: `a foreign key between "${relation.name}" and "${name}"` },
    alike === undefined ? {} : { hint: `Perhaps you meant "${alike}".` },
  );
}

function waysOf(level: Level, way: readonly string[]): readonly string[] {
  return level.embedded.flatMap((one) => {
    const inner = [...way, one.name];
    return [JSON.stringify(inner), ...waysOf(one.level, inner)];
  });
}

/** The tables of a request for rows. UNDEFINED_OBJECT where no foreign key leads to one. */
export async function resolveQuery(
  reader: RelationReader,
  caller: Caller,
  relation: Relation,
  query: RowQuery,
): Promise<Level> {
  const resolver = new Resolver(reader, caller, query.embedded);
  const root = await resolver.level(relation, query.select, query, []);
  const ways = waysOf(root, []);
  const stray = query.embedded.find(({ way }) => !ways.includes(JSON.stringify(way)));
  if (stray !== undefined) {
    throw RustyError.of('VALIDATION_ERROR', {
      what: `query: ${stray.way.join('.')}: select names no such table`,
    });
  }
  return root;
}
