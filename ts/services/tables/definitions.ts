// What requests say of tables and other objects that they make or change.
import type { RelationName } from '../catalog/relation.ts';

/** SQL where it is text. */
export type DefaultValue = string | number | boolean | null;

export interface Reference {
  readonly table: string;
  readonly schema?: string | undefined;
  /** The primary key of the table where there is none. */
  readonly column?: string | undefined;
  readonly onDelete?: ReferenceAction | undefined;
  readonly onUpdate?: ReferenceAction | undefined;
}

export const REFERENCE_ACTIONS = [
  'no action',
  'restrict',
  'cascade',
  'set null',
  'set default',
] as const;
export type ReferenceAction = (typeof REFERENCE_ACTIONS)[number];

export interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly primaryKey?: boolean | undefined;
  readonly nullable?: boolean | undefined;
  readonly unique?: boolean | undefined;
  readonly default?: DefaultValue | undefined;
  readonly identity?: 'always' | 'by default' | undefined;
  /** The expression of a column that is computed from others. */
  readonly generated?: string | undefined;
  readonly references?: string | Reference | undefined;
}

export interface IndexDefinition {
  readonly name?: string | undefined;
  readonly columns: readonly string[];
  readonly unique?: boolean | undefined;
}

export type CheckDefinition =
  | string
  | { readonly name?: string | undefined; readonly expression: string };

export interface TableDefinition extends RelationName {
  readonly columns: readonly ColumnDefinition[];
  readonly indexes: readonly IndexDefinition[];
  readonly checks: readonly CheckDefinition[];
}

export interface ColumnChange {
  readonly name: string;
  readonly type?: string | undefined;
  /** How the values become ones of the new type. */
  readonly using?: string | undefined;
  readonly nullable?: boolean | undefined;
  /** Null takes the default away. */
  readonly default?: DefaultValue | undefined;
}

/** Done in this order, all or none. */
export interface TableChange {
  readonly drop: readonly string[];
  readonly alter: readonly ColumnChange[];
  readonly add: readonly ColumnDefinition[];
  readonly rename: readonly { readonly from: string; readonly to: string }[];
}

export interface DropOptions {
  /** What depends on it goes too. */
  readonly cascade: boolean;
  /** It need not be there. */
  readonly ifExists: boolean;
}

export interface ViewDefinition extends RelationName {
  readonly query: string;
  readonly columns?: readonly string[] | undefined;
  /** Takes the place of a view of this name. */
  readonly replace?: boolean | undefined;
}

export interface MaterializedViewDefinition extends RelationName {
  readonly query: string;
  readonly columns?: readonly string[] | undefined;
  /** False: it has no rows before it is refreshed. */
  readonly withData?: boolean | undefined;
}

export interface NewIndex extends IndexDefinition {
  /** Of the table, and so of the index. */
  readonly schema: string;
  readonly table: string;
  readonly method?: string | undefined;
}

export interface SequenceDefinition extends RelationName {
  readonly type?: string | undefined;
  readonly start?: number | undefined;
  readonly increment?: number | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly cache?: number | undefined;
  readonly cycle?: boolean | undefined;
}
