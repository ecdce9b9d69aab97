//! CREATE and ALTER TABLE, and constraints.

use super::{
    Expr, Location, ObjectKind, Persistence, QualifiedName, RelationName, RoleSpec, SequenceOption,
    Statement, TypeName, UtilityOption,
};

#[derive(Debug, Clone, PartialEq)]
pub struct CreateTable {
    pub name: RelationName,
    pub persistence: Persistence,
    pub if_not_exists: bool,
    /// In the order they were written; LIKE adds its columns at its place.
    pub elements: Vec<TableElement>,
    /// Storage parameters of WITH.
    pub options: Vec<UtilityOption>,
    pub on_commit: OnCommit,
    pub tablespace: Option<String>,
    pub access_method: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum TableElement {
    Column(ColumnDef),
    Constraint(Constraint),
    Like(LikeClause),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnCommit {
    /// Nothing was written: as PreserveRows.
    #[default]
    Default,
    PreserveRows,
    DeleteRows,
    Drop,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ColumnDef {
    pub name: String,
    pub type_name: TypeName,
    pub collation: Option<QualifiedName>,
    /// Attributes such as DEFERRABLE are folded into the constraint they follow.
    pub constraints: Vec<Constraint>,
    pub storage: Option<String>,
    pub compression: Option<String>,
    pub location: Location,
}

/// A constraint of a column or of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    /// `CONSTRAINT name`.
    pub name: Option<String>,
    pub kind: ConstraintKind,
    pub deferrable: bool,
    pub initially_deferred: bool,
    /// NOT VALID.
    pub not_valid: bool,
    /// NO INHERIT.
    pub no_inherit: bool,
    pub location: Location,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ConstraintKind {
    /// An explicit `NULL` on a column.
    Null,
    /// `NOT NULL` on a column; `columns` is filled by the table form.
    NotNull {
        columns: Vec<String>,
    },
    Default(Expr),
    /// `GENERATED ALWAYS | BY DEFAULT AS IDENTITY (options)`.
    Identity {
        always: bool,
        options: Vec<SequenceOption>,
    },
    /// `GENERATED ALWAYS AS (expr) STORED`.
    Generated {
        expr: Expr,
        stored: bool,
    },
    Check(Expr),
    PrimaryKey(Box<KeyConstraint>),
    Unique(Box<KeyConstraint>),
    ForeignKey(Box<ForeignKey>),
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct KeyConstraint {
    /// Empty for a constraint of a column, and with USING INDEX.
    pub columns: Vec<String>,
    pub include: Vec<String>,
    /// `NULLS NOT DISTINCT`.
    pub nulls_not_distinct: bool,
    pub options: Vec<UtilityOption>,
    pub tablespace: Option<String>,
    /// `USING INDEX name` of ALTER TABLE ADD CONSTRAINT.
    pub using_index: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ForeignKey {
    /// Empty for a constraint of a column.
    pub columns: Vec<String>,
    pub ref_table: RelationName,
    /// Empty: the primary key of `ref_table`.
    pub ref_columns: Vec<String>,
    pub match_type: MatchType,
    pub on_update: ReferentialAction,
    pub on_delete: ReferentialAction,
    /// `ON DELETE SET NULL (columns)`.
    pub on_delete_columns: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchType {
    Simple,
    Full,
    Partial,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferentialAction {
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

/// `LIKE table INCLUDING ..`.
#[derive(Debug, Clone, PartialEq)]
pub struct LikeClause {
    pub table: RelationName,
    pub including: LikeOptions,
}

/// What LIKE copies besides names, types and NOT NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LikeOptions {
    pub comments: bool,
    pub compression: bool,
    pub constraints: bool,
    pub defaults: bool,
    pub generated: bool,
    pub identity: bool,
    pub indexes: bool,
    pub statistics: bool,
    pub storage: bool,
}

/// CREATE TABLE AS, SELECT INTO and CREATE MATERIALIZED VIEW.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateTableAs {
    pub name: RelationName,
    pub persistence: Persistence,
    pub materialized_view: bool,
    pub if_not_exists: bool,
    pub columns: Vec<String>,
    pub options: Vec<UtilityOption>,
    pub on_commit: OnCommit,
    pub tablespace: Option<String>,
    pub access_method: Option<String>,
    /// A query or EXECUTE.
    pub query: Box<Statement>,
    /// `WITH NO DATA`.
    pub no_data: bool,
    pub select_into: bool,
}

/// ALTER TABLE, and ALTER INDEX, SEQUENCE, VIEW .. where they take its commands.
#[derive(Debug, Clone, PartialEq)]
pub struct AlterTable {
    pub kind: ObjectKind,
    pub name: RelationName,
    pub only: bool,
    pub if_exists: bool,
    pub commands: Vec<AlterTableCommand>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum AlterTableCommand {
    AddColumn {
        column: Box<ColumnDef>,
        if_not_exists: bool,
    },
    DropColumn {
        name: String,
        if_exists: bool,
        cascade: bool,
    },
    SetDefault {
        column: String,
        expr: Expr,
    },
    DropDefault {
        column: String,
    },
    SetNotNull {
        column: String,
    },
    DropNotNull {
        column: String,
    },
    AlterType {
        column: String,
        type_name: TypeName,
        collation: Option<QualifiedName>,
        using: Option<Expr>,
        location: Location,
    },
    DropExpression {
        column: String,
        if_exists: bool,
    },
    AddIdentity {
        column: String,
        always: bool,
        options: Vec<SequenceOption>,
    },
    SetIdentity {
        column: String,
        always: Option<bool>,
        options: Vec<SequenceOption>,
    },
    DropIdentity {
        column: String,
        if_exists: bool,
    },
    /// `column_number`, 1-based, for ALTER INDEX; `target` is -1 for the default.
    SetStatistics {
        column: Option<String>,
        column_number: Option<i16>,
        target: i32,
    },
    SetStorage {
        column: String,
        storage: String,
    },
    SetCompression {
        column: String,
        method: String,
    },
    SetColumnOptions {
        column: String,
        options: Vec<UtilityOption>,
    },
    ResetColumnOptions {
        column: String,
        options: Vec<UtilityOption>,
    },
    AddConstraint(Box<Constraint>),
    AlterConstraint {
        name: String,
        deferrable: bool,
        initially_deferred: bool,
    },
    ValidateConstraint {
        name: String,
    },
    DropConstraint {
        name: String,
        if_exists: bool,
        cascade: bool,
    },
    OwnerTo(RoleSpec),
    ClusterOn {
        index: String,
    },
    SetWithoutCluster,
    SetLogged,
    SetUnlogged,
    SetWithoutOids,
    SetTablespace(String),
    SetAccessMethod(Option<String>),
    SetOptions(Vec<UtilityOption>),
    ResetOptions(Vec<UtilityOption>),
    ReplicaIdentity(ReplicaIdentity),
    /// ENABLE or DISABLE ROW LEVEL SECURITY.
    RowSecurity {
        enable: bool,
    },
    ForceRowSecurity {
        force: bool,
    },
    /// In the grammar, not in the engine; `what` names it as a user knows it.
    Unsupported {
        what: &'static str,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplicaIdentity {
    Default,
    Full,
    Nothing,
    Index(String),
}
