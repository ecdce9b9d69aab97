//! Queries: SELECT, VALUES, TABLE, set operations and what their clauses are made of.

use super::{
    ColumnDef, Delete, Expr, Insert, Location, Merge, QualifiedName, RelationName, TableAlias,
    Update,
};

/// A query with the clauses that apply to its whole result.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub with: Option<WithClause>,
    pub body: QueryBody,
    pub order_by: Vec<SortBy>,
    /// A NULL constant for `LIMIT ALL`.
    pub limit: Option<Expr>,
    pub offset: Option<Expr>,
    /// `FETCH FIRST .. WITH TIES`.
    pub with_ties: bool,
    pub locking: Vec<LockingClause>,
}

/// Where the rows of a query come from.
#[derive(Debug, Clone, PartialEq)]
pub enum QueryBody {
    Select(Box<Select>),
    /// `VALUES (..), (..)`: at least one row; whether rows are equally long is not yet checked.
    Values(Vec<Vec<Expr>>),
    SetOp(Box<SetOp>),
}

/// `((a op b) op c) ..`: a chain of one operator, left-associative, as a flat list.
#[derive(Debug, Clone, PartialEq)]
pub struct SetOp {
    pub op: SetOperator,
    pub all: bool,
    /// At least two. An operand has clauses of its own only if it stood in parentheses.
    pub inputs: Vec<Query>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOperator {
    Union,
    Intersect,
    Except,
}

/// One SELECT block. `TABLE t` arrives as `SELECT * FROM t`, as in PostgreSQL.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Select {
    pub distinct: Distinct,
    /// May be empty.
    pub targets: Vec<SelectItem>,
    pub from: Vec<FromItem>,
    pub filter: Option<Expr>,
    pub group_by: Vec<GroupItem>,
    /// `GROUP BY DISTINCT`.
    pub group_distinct: bool,
    pub having: Option<Expr>,
    /// The WINDOW clause; each has a name.
    pub windows: Vec<WindowDef>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub enum Distinct {
    #[default]
    All,
    Distinct,
    On(Vec<Expr>),
}

/// One output column (or star) of a SELECT or RETURNING list.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectItem {
    pub expr: Expr,
    pub alias: Option<String>,
    pub location: Location,
}

/// One item of GROUP BY.
#[derive(Debug, Clone, PartialEq)]
pub enum GroupItem {
    /// An expression; inside a grouping set, `(a, b)` is an implicit [`super::ExprKind::Row`].
    Expr(Expr),
    /// `()`.
    Empty,
    Rollup {
        items: Vec<GroupItem>,
        location: Location,
    },
    Cube {
        items: Vec<GroupItem>,
        location: Location,
    },
    GroupingSets {
        items: Vec<GroupItem>,
        location: Location,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum FromItem {
    Table(TableRef),
    Subquery(Box<SubqueryRef>),
    Function(Box<FunctionRef>),
    Join(Box<Join>),
    Sample(Box<TableSample>),
}

/// A table, view or CTE by name; also the target of a DML statement.
#[derive(Debug, Clone, PartialEq)]
pub struct TableRef {
    pub name: RelationName,
    /// `ONLY name`: without inheritance children.
    pub only: bool,
    pub alias: Option<TableAlias>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SubqueryRef {
    pub lateral: bool,
    pub query: Query,
    pub alias: Option<TableAlias>,
}

/// A function, or `ROWS FROM (..)`, in FROM.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionRef {
    pub lateral: bool,
    pub ordinality: bool,
    pub rows_from: bool,
    /// Exactly one unless `rows_from`.
    pub functions: Vec<FunctionItem>,
    pub alias: Option<TableAlias>,
    /// `AS t (column type, ..)`; names and types only.
    pub column_defs: Vec<ColumnDef>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FunctionItem {
    /// A function call, or one of the expressions that look like one (`CURRENT_DATE`).
    pub expr: Expr,
    /// `AS (column type, ..)` inside ROWS FROM.
    pub column_defs: Vec<ColumnDef>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    pub kind: JoinKind,
    pub left: FromItem,
    pub right: FromItem,
    pub condition: JoinCondition,
    /// `(a JOIN b ..) AS alias`.
    pub alias: Option<TableAlias>,
}

/// How unmatched rows are treated. CROSS JOIN is `Inner` without a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
}

#[derive(Debug, Clone, PartialEq)]
pub enum JoinCondition {
    None,
    Natural,
    On(Expr),
    Using {
        columns: Vec<String>,
        alias: Option<String>,
    },
}

/// `relation TABLESAMPLE method (args) REPEATABLE (seed)`.
#[derive(Debug, Clone, PartialEq)]
pub struct TableSample {
    pub relation: FromItem,
    pub method: QualifiedName,
    pub args: Vec<Expr>,
    pub repeatable: Option<Expr>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct WithClause {
    pub recursive: bool,
    pub ctes: Vec<Cte>,
    pub location: Location,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Cte {
    pub name: String,
    pub columns: Vec<String>,
    /// `Some(true)` for MATERIALIZED, `Some(false)` for NOT MATERIALIZED.
    pub materialized: Option<bool>,
    pub query: CteQuery,
    pub search: Option<CteSearch>,
    pub cycle: Option<CteCycle>,
    pub location: Location,
}

#[derive(Debug, Clone, PartialEq)]
pub enum CteQuery {
    Query(Box<Query>),
    Insert(Box<Insert>),
    Update(Box<Update>),
    Delete(Box<Delete>),
    Merge(Box<Merge>),
}

/// `SEARCH BREADTH|DEPTH FIRST BY columns SET sequence_column`.
#[derive(Debug, Clone, PartialEq)]
pub struct CteSearch {
    pub breadth_first: bool,
    pub columns: Vec<String>,
    pub sequence_column: String,
    pub location: Location,
}

/// `CYCLE columns SET mark_column TO value DEFAULT default USING path_column`.
#[derive(Debug, Clone, PartialEq)]
pub struct CteCycle {
    pub columns: Vec<String>,
    pub mark_column: String,
    /// TRUE and FALSE where `TO .. DEFAULT ..` was not written.
    pub mark_value: Expr,
    pub mark_default: Expr,
    pub path_column: String,
    pub location: Location,
}

/// An element of ORDER BY.
#[derive(Debug, Clone, PartialEq)]
pub struct SortBy {
    pub expr: Expr,
    pub direction: SortDirection,
    pub nulls: NullsOrder,
    /// Of the operator of USING; else none.
    pub location: Location,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub enum SortDirection {
    #[default]
    Default,
    Asc,
    Desc,
    /// `USING operator`.
    Using(QualifiedName),
}

/// NULLS FIRST or LAST; by default last for ascending order and first for descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NullsOrder {
    #[default]
    Default,
    First,
    Last,
}

/// A window of the WINDOW clause or of OVER.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WindowDef {
    /// In a WINDOW clause the window's own name; in `OVER name`, the name referred to.
    pub name: Option<String>,
    /// `(base ...)`: the window this one copies.
    pub base: Option<String>,
    pub partition_by: Vec<Expr>,
    pub order_by: Vec<SortBy>,
    /// `None` where no frame was written: RANGE UNBOUNDED PRECEDING.
    pub frame: Option<WindowFrame>,
    pub location: Location,
}

#[derive(Debug, Clone, PartialEq)]
pub struct WindowFrame {
    pub units: FrameUnits,
    pub start: FrameBound,
    /// `None` where BETWEEN was not written: CURRENT ROW.
    pub end: Option<FrameBound>,
    pub exclude: FrameExclude,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameUnits {
    Rows,
    Range,
    Groups,
}

#[derive(Debug, Clone, PartialEq)]
pub enum FrameBound {
    UnboundedPreceding,
    Preceding(Expr),
    CurrentRow,
    Following(Expr),
    UnboundedFollowing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FrameExclude {
    #[default]
    NoOthers,
    CurrentRow,
    Group,
    Ties,
}

/// `FOR UPDATE OF a, b NOWAIT`.
#[derive(Debug, Clone, PartialEq)]
pub struct LockingClause {
    pub strength: LockStrength,
    /// Empty: all relations of the query.
    pub relations: Vec<RelationName>,
    pub wait: LockWait,
}

/// Weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockStrength {
    KeyShare,
    Share,
    NoKeyUpdate,
    Update,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LockWait {
    #[default]
    Block,
    SkipLocked,
    NoWait,
}
