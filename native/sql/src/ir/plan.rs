//! The plan node.

use super::{
    Aggregate, ColumnId, CteScan, Delete, Distinct, Filter, FunctionScan, Insert, Join, Limit,
    LockRows, Project, RecursiveUnion, Scan, SetOp, Sort, Update, Values, Window, With,
};

/// A common table expression of one query.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CteId(pub u32);

/// A source of rows that the caller gives at execution: COPY FROM, rows of a bulk call. Counted
/// from
/// 0 within the query.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ExternalId(pub u32);

/// A common table expression: computed at most once, when first read (or, if it writes, always and
/// to its end).
#[derive(Clone, Debug)]
pub struct CteDef {
    pub id: CteId,
    pub name: String,
    pub plan: Plan,
    /// The plan's output columns, in order.
    pub columns: Vec<ColumnId>,
    /// `Some(false)`: NOT MATERIALIZED; `None`: inline when referred to once and free of side
    /// effects.
    pub materialized: Option<bool>,
}

/// A relational operator. Nodes that only reorder or drop rows produce their input's columns.
#[derive(Clone, Debug)]
pub enum Plan {
    /// One row without columns: the input of `SELECT 1`.
    OneRow,
    /// No row; produces these columns (planner: a condition that is false).
    Empty(Vec<ColumnId>),
    Scan(Box<Scan>),
    FunctionScan(Box<FunctionScan>),
    Values(Values),
    /// Rows given from the outside, with these columns.
    External {
        id: ExternalId,
        columns: Vec<ColumnId>,
    },
    Project(Box<Project>),
    Filter(Box<Filter>),
    Join(Box<Join>),
    Aggregate(Box<Aggregate>),
    Window(Box<Window>),
    Sort(Box<Sort>),
    Limit(Box<Limit>),
    Distinct(Box<Distinct>),
    SetOp(Box<SetOp>),
    With(Box<With>),
    CteScan(CteScan),
    RecursiveUnion(Box<RecursiveUnion>),
    LockRows(Box<LockRows>),
    Insert(Box<Insert>),
    Update(Box<Update>),
    Delete(Box<Delete>),
}
