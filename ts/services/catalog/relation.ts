// Tables and views as the services know them.

export interface Column {
  /** `attnum`. */
  readonly number: number;
  readonly name: string;
  /** As `format_type` names it: `numeric(10,2)`. */
  readonly type: string;
  /** The type without its modifier, for casts. */
  readonly typeSchema: string;
  readonly typeName: string;
  /** `pg_type.typcategory`: `A` for arrays. */
  readonly typeCategory: string;
  readonly nullable: boolean;
  /** The expression in SQL, or null. */
  readonly default: string | null;
  readonly primaryKey: boolean;
  readonly identity: 'always' | 'by default' | null;
  /** Computed from other columns and stored. */
  readonly generated: boolean;
}

export interface Target {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
}

export interface Constraint {
  readonly name: string;
  readonly kind: 'primary' | 'unique' | 'check' | 'foreign';
  readonly columns: readonly string[];
  /** As `pg_get_constraintdef` writes it. */
  readonly definition: string;
  /** What a foreign key refers to. */
  readonly target?: Target;
}

export interface IndexOfTable {
  readonly name: string;
  readonly unique: boolean;
  readonly primary: boolean;
  readonly valid: boolean;
  readonly columns: readonly string[];
  readonly definition: string;
}

export type RelationKind = 'table' | 'view' | 'materialized view' | 'partitioned table';

/** A table or view with its columns, and what is unique in it. */
export interface Relation {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
  readonly columns: readonly Column[];
  /** Its columns in their order; empty where there is none. */
  readonly primaryKey: readonly string[];
  /** The columns of every unique constraint, the primary key's first. */
  readonly uniqueKeys: readonly (readonly string[])[];
}

/** A foreign key with both of its ends. */
export interface ForeignKey {
  readonly name: string;
  readonly from: Target;
  readonly to: Target;
  /** At most one row refers to one. */
  readonly isUnique: boolean;
}

/** What stands for a relation in a request. */
export interface RelationName {
  readonly schema: string;
  readonly name: string;
}
