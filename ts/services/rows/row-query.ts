// What a request for rows asks for, once its text has been read: no SQL, and nothing of the catalog.

/** One step into a JSON value. */
export interface JsonStep {
  readonly key: string | number;
  /** `->>` gives text, `->` JSON. */
  readonly asText: boolean;
}

/** A column, or a part of the JSON in it. */
export interface Field {
  readonly name: string;
  readonly path: readonly JsonStep[];
}

/** Operators that compare a column with one value. */
export const COMPARISONS = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'isdistinct'] as const;
/** Operators that match text against a pattern. */
export const PATTERNS = ['like', 'ilike', 'match', 'imatch'] as const;
/** Containment and overlap of arrays, ranges and jsonb. */
export const SETS = ['cs', 'cd', 'ov'] as const;
/** Of PostgREST, and without the types or functions that they need. */
export const NOT_BUILT = [
  'fts',
  'plfts',
  'phfts',
  'wfts',
  'sl',
  'sr',
  'nxr',
  'nxl',
  'adj',
] as const;

export const OPERATORS = [...COMPARISONS, ...PATTERNS, ...SETS, 'in', 'is', ...NOT_BUILT] as const;

export type Operator = (typeof OPERATORS)[number];

/** Operators that `(any)` and `(all)` may follow. */
export const QUANTIFIED: readonly string[] = [
  'eq',
  'gt',
  'gte',
  'lt',
  'lte',
  'like',
  'ilike',
  'match',
  'imatch',
];

export interface Comparison {
  readonly kind: 'comparison';
  readonly isNegated: boolean;
  readonly field: Field;
  readonly operator: Operator;
  readonly quantifier?: 'any' | 'all';
  /** As it came; of `in`, each of the list. */
  readonly value: string | readonly string[];
}

export interface Junction {
  readonly kind: 'and' | 'or';
  readonly isNegated: boolean;
  readonly parts: readonly Condition[];
}

export type Condition = Comparison | Junction;

export const AGGREGATES = ['sum', 'avg', 'count', 'min', 'max'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

export interface SelectedField {
  readonly kind: 'field';
  /** Absent: `count()` of rows. */
  readonly field?: Field;
  readonly alias?: string;
  /** Type of the column's value. */
  readonly cast?: string;
  readonly aggregate?: Aggregate;
  /** Type of the aggregate's value. */
  readonly aggregateCast?: string;
}

export interface SelectedTable {
  readonly kind: 'table';
  readonly name: string;
  readonly alias?: string;
  /** A foreign key, or a column of one, where several lead there. */
  readonly hint?: string;
  /** Rows without one are left out. */
  readonly isInner: boolean;
  readonly items: readonly SelectItem[];
}

export type SelectItem = { readonly kind: 'all' } | SelectedField | SelectedTable;

export interface OrderTerm {
  readonly field: Field;
  /** The embedded table whose column it is. */
  readonly table?: string;
  readonly isDescending: boolean;
  readonly nulls?: 'first' | 'last';
}

/** What is asked of one table: the one of the path, or an embedded one. */
export interface Clauses {
  readonly where: readonly Condition[];
  readonly order: readonly OrderTerm[];
  readonly limit?: number;
  readonly offset?: number;
}

/** What is asked of embedded tables, by their way from the one of the path. */
export interface EmbeddedClauses extends Clauses {
  readonly way: readonly string[];
}

export interface RowQuery extends Clauses {
  readonly select: readonly SelectItem[];
  readonly embedded: readonly EmbeddedClauses[];
  /** The columns that are written; the others of the body are ignored. */
  readonly columns?: readonly string[];
  /** The columns by which a row is a duplicate. */
  readonly onConflict?: readonly string[];
}
