//! Relational nodes that read.

use std::sync::Arc;

use crate::ir::Collation;
use catalog::Table;
use functions::{AggregateDef, FunctionDef};

use super::{ColumnId, CteDef, CteId, Expr, Plan};

/// All rows of a table that the snapshot sees.
#[derive(Clone, Debug)]
pub struct Scan {
    pub table: Arc<Table>,
    pub alias: String,
    /// Id and position among the table's columns (from 0, dropped ones counted). The binder lists
    /// all live columns; the planner prunes.
    pub columns: Vec<(ColumnId, u16)>,
    /// Columns that every table has.
    pub system: Vec<(ColumnId, SystemColumn)>,
}

/// What a scan can tell of a row besides its columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SystemColumn {
    /// The row id as `bigint`; what UPDATE, DELETE and LockRows need of their target.
    RowId,
    /// `ctid`, made of the row id.
    Ctid,
    /// `tableoid`.
    TableOid,
    Xmin,
}

/// Set-returning functions in FROM, side by side (`ROWS FROM`); shorter ones are filled with nulls.
#[derive(Clone, Debug)]
pub struct FunctionScan {
    pub functions: Vec<FunctionScanItem>,
    /// `WITH ORDINALITY`: a `bigint` from 1.
    pub ordinality: Option<ColumnId>,
    pub alias: String,
}

#[derive(Clone, Debug)]
pub struct FunctionScanItem {
    pub function: FunctionScanKind,
    /// Produced columns, in order.
    pub columns: Vec<ColumnId>,
}

/// What gives a function scan its rows.
#[derive(Clone, Debug)]
pub enum FunctionScanKind {
    /// A function that returns a set.
    Set {
        function: &'static FunctionDef,
        args: Vec<Expr>,
        collation: Collation,
    },
    /// Any expression: one row. A composite is taken apart if there is more than one column.
    Scalar(Expr),
}

/// `VALUES`, each row as long as `columns`.
#[derive(Clone, Debug)]
pub struct Values {
    pub rows: Vec<Vec<Expr>>,
    pub columns: Vec<ColumnId>,
}

/// Computes columns; produces only what it lists. Set-returning functions in a select list are
/// `set_returning`: the row is repeated for each of their rows, shorter ones filled with nulls.
#[derive(Clone, Debug)]
pub struct Project {
    pub input: Plan,
    pub columns: Vec<(ColumnId, Expr)>,
    pub set_returning: Vec<FunctionScanItem>,
}

/// Keeps the rows for which `condition` is true.
#[derive(Clone, Debug)]
pub struct Filter {
    pub input: Plan,
    pub condition: Expr,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum JoinKind {
    /// Also the cross join: the condition is then true.
    Inner,
    Left,
    Right,
    Full,
    /// Left rows that have a match; produces the left's columns.
    Semi,
    /// Left rows that have none; produces the left's columns.
    Anti,
}

#[derive(Clone, Debug)]
pub struct Join {
    pub kind: JoinKind,
    pub left: Plan,
    pub right: Plan,
    pub condition: Expr,
    /// The right side refers to the left's columns (kind is Inner or Left).
    pub lateral: bool,
}

/// Groups and aggregates. Produces key columns, aggregate columns, `grouping` columns.
#[derive(Clone, Debug)]
pub struct Aggregate {
    pub input: Plan,
    pub keys: Vec<(ColumnId, Expr)>,
    /// Indices into `keys`, a list a grouping set; keys outside the set are null. `None`: one set
    /// of
    /// all keys. Without keys and sets there is exactly one group, even of no row.
    pub sets: Option<Vec<Vec<u16>>>,
    pub calls: Vec<AggregateCall>,
    /// `GROUPING(keys...)` as `integer`, indices into `keys`.
    pub grouping: Vec<(ColumnId, Vec<u16>)>,
}

#[derive(Clone, Debug)]
pub struct AggregateCall {
    pub id: ColumnId,
    pub function: &'static AggregateDef,
    /// Empty for `count(*)`. Of an ordered-set aggregate: the direct arguments.
    pub args: Vec<Expr>,
    pub distinct: bool,
    /// `ORDER BY` inside the call, or `WITHIN GROUP` of an ordered-set aggregate.
    pub order_by: Vec<SortKey>,
    pub filter: Option<Expr>,
    pub collation: Collation,
}

/// Direction and nulls of one sort key. PostgreSQL's default: nulls are larger than all.
#[derive(Clone, Debug)]
pub struct SortKey {
    pub expr: Expr,
    pub descending: bool,
    pub nulls_first: bool,
    pub collation: Collation,
}

#[derive(Clone, Debug)]
pub struct Sort {
    pub input: Plan,
    pub keys: Vec<SortKey>,
}

/// `LIMIT` and `OFFSET`, of type `bigint`, without columns of the input; null means none.
#[derive(Clone, Debug)]
pub struct Limit {
    pub input: Plan,
    pub limit: Option<Expr>,
    pub offset: Option<Expr>,
    /// `FETCH FIRST ... WITH TIES`: the input is a [`Sort`].
    pub with_ties: bool,
}

/// `DISTINCT`, or `DISTINCT ON (on)`: the first row of each group in the input's order. Empty `on`
/// means all of `columns`.
#[derive(Clone, Debug)]
pub struct Distinct {
    pub input: Plan,
    /// The columns that are compared when `on` is empty.
    pub columns: Vec<ColumnId>,
    pub on: Vec<Expr>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SetOpKind {
    Union,
    Intersect,
    Except,
}

/// Both sides have as many columns as `columns`, of the same types.
#[derive(Clone, Debug)]
pub struct SetOp {
    pub kind: SetOpKind,
    pub all: bool,
    pub left: Plan,
    pub left_columns: Vec<ColumnId>,
    pub right: Plan,
    pub right_columns: Vec<ColumnId>,
    /// Produced columns.
    pub columns: Vec<ColumnId>,
}

/// `WITH`: definitions in order, each visible to later ones and to the body; produces the body's
/// columns.
#[derive(Clone, Debug)]
pub struct With {
    pub ctes: Vec<CteDef>,
    pub body: Plan,
}

/// Reads a CTE, or, within the step of a [`RecursiveUnion`], its working table.
#[derive(Clone, Debug)]
pub struct CteScan {
    pub cte: CteId,
    pub alias: String,
    /// Produced column and position among the definition's columns.
    pub columns: Vec<(ColumnId, u16)>,
}

/// `WITH RECURSIVE`: the base, then the step until it gives nothing. Always a CTE's whole plan; the
/// step reads the working table by a [`CteScan`] of `cte`.
#[derive(Clone, Debug)]
pub struct RecursiveUnion {
    pub cte: CteId,
    pub all: bool,
    pub base: Plan,
    pub base_columns: Vec<ColumnId>,
    pub step: Plan,
    pub step_columns: Vec<ColumnId>,
    /// Produced columns.
    pub columns: Vec<ColumnId>,
}
