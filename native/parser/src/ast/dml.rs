//! INSERT, UPDATE, DELETE, MERGE, TRUNCATE and COPY.

use super::{
    Expr, FromItem, IndexElem, Indirection, Location, Query, RelationName, SelectItem, TableRef,
    UtilityOption, WithClause,
};

#[derive(Debug, Clone, PartialEq)]
pub struct Insert {
    pub with: Option<WithClause>,
    pub target: TableRef,
    /// Empty: all columns in their order.
    pub columns: Vec<AssignTarget>,
    pub overriding: Overriding,
    pub source: InsertSource,
    pub on_conflict: Option<OnConflict>,
    pub returning: Vec<SelectItem>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum InsertSource {
    DefaultValues,
    /// Rows of a VALUES may hold [`super::ExprKind::Default`].
    Query(Box<Query>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overriding {
    #[default]
    None,
    UserValue,
    SystemValue,
}

/// A column that is assigned to, perhaps a part of it: `a`, `a[1]`, `a.b`.
#[derive(Debug, Clone, PartialEq)]
pub struct AssignTarget {
    pub column: String,
    pub path: Vec<Indirection>,
    pub location: Location,
}

#[derive(Debug, Clone, PartialEq)]
pub struct OnConflict {
    pub target: Option<ConflictTarget>,
    pub action: ConflictAction,
    pub location: Location,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ConflictTarget {
    /// Columns and expressions of a unique index, and the predicate of a partial one.
    Columns {
        elems: Vec<IndexElem>,
        filter: Option<Expr>,
        location: Location,
    },
    Constraint {
        name: String,
        location: Location,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum ConflictAction {
    DoNothing,
    DoUpdate {
        set: Vec<Assignment>,
        filter: Option<Expr>,
    },
}

/// An item of SET.
#[derive(Debug, Clone, PartialEq)]
pub enum Assignment {
    /// `a = value`; the value may be [`super::ExprKind::Default`].
    Single { target: AssignTarget, value: Expr },
    /// `(a, b) = ROW(..)` or `(a, b) = (query)`.
    Multiple {
        targets: Vec<AssignTarget>,
        source: Expr,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    pub with: Option<WithClause>,
    pub target: TableRef,
    pub set: Vec<Assignment>,
    pub from: Vec<FromItem>,
    pub filter: Option<Expr>,
    pub returning: Vec<SelectItem>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Delete {
    pub with: Option<WithClause>,
    pub target: TableRef,
    pub using: Vec<FromItem>,
    pub filter: Option<Expr>,
    pub returning: Vec<SelectItem>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Merge {
    pub with: Option<WithClause>,
    pub target: TableRef,
    pub source: FromItem,
    pub condition: Expr,
    pub whens: Vec<MergeWhen>,
    pub returning: Vec<SelectItem>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct MergeWhen {
    pub matched: MergeMatch,
    pub condition: Option<Expr>,
    pub action: MergeAction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeMatch {
    Matched,
    NotMatchedBySource,
    NotMatchedByTarget,
}

#[derive(Debug, Clone, PartialEq)]
pub enum MergeAction {
    DoNothing,
    Delete,
    Update(Vec<Assignment>),
    /// `values` is `None` for DEFAULT VALUES.
    Insert {
        columns: Vec<AssignTarget>,
        overriding: Overriding,
        values: Option<Vec<Expr>>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Truncate {
    pub relations: Vec<TableRef>,
    pub restart_identity: bool,
    pub cascade: bool,
}

/// COPY; options of the old syntax arrive under the names of the new one.
#[derive(Debug, Clone, PartialEq)]
pub struct Copy {
    pub source: CopySource,
    /// COPY FROM, else COPY TO.
    pub is_from: bool,
    pub endpoint: CopyEndpoint,
    /// `format`, `freeze`, `delimiter`, `null`, `header`, `quote`, `escape`, `force_quote`,
    /// `force_not_null`, `force_null`, `encoding`; unchecked.
    pub options: Vec<UtilityOption>,
    pub filter: Option<Expr>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum CopySource {
    /// No columns: all of them.
    Table {
        name: RelationName,
        columns: Vec<String>,
    },
    /// Only with COPY TO.
    Query(Box<super::Statement>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyEndpoint {
    /// STDIN or STDOUT.
    Client,
    File(String),
    Program(String),
}
