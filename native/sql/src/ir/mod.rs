//! The bound logical plan: what the binder gives and the planner takes.
//!
//! Everything here is resolved: names are ids, operators are functions, casts are explicit, every
//! expression knows its type. Invariants:
//! - A [`ColumnId`] is unique within one [`Query`]. Each plan node *produces* some ids; an
//!   expression may refer to ids that its node's inputs produce. A reference to an id that is not
//!   produced below is an outer (correlated) reference to an enclosing query level, or the left side
//!   of a lateral join.
//! - A table that is scanned twice, and a CTE that is referred to twice, has fresh ids each time.
//! - Nothing here changes after binding: the planner builds new trees.

mod column;
mod dml;
mod expr;
mod immutable;
mod plan;
mod query;
mod relational;
mod rules;
mod visit;
mod visit_plan;
mod window;

pub use column::{ColumnId, ColumnInfo, ColumnTable};
pub use dml::{
    Assignment, ConflictAction, ConflictUpdate, Delete, Insert, LockRows, LockTarget, OnConflict,
    Update,
};
pub use expr::{
    BooleanTest, CaseExpr, CastExpr, Comparison, Expr, Quantifier, SessionCall, Subquery,
    SubqueryKind, SubscriptItem,
};
pub use immutable::{is_constant, is_immutable_node};
pub use plan::{CteDef, CteId, ExternalId, Plan};
pub use query::{OutputColumn, Query};
pub use relational::{
    Aggregate, AggregateCall, CteScan, Distinct, Filter, FunctionScan, FunctionScanItem,
    FunctionScanKind, Join, JoinKind, Limit, Project, RecursiveUnion, Scan, SetOp, SetOpKind, Sort,
    SortKey, SystemColumn, Values, With,
};
pub use rules::{CheckRule, ForeignKeyRule, IndexRule, TableRules};
pub use types::Collation;
pub use visit::{
    columns_of, for_each_column, for_each_expr, for_each_expr_mut, inputs, inputs_mut, map_expr,
    produced,
};
pub use visit_plan::{for_each_node_expr, for_each_node_expr_mut, outer_columns};
pub use window::{
    Frame, FrameBound, FrameExclusion, FrameUnit, Window, WindowCall, WindowFunction,
};
