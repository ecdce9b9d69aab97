//! What names mean at each level of a query.
//!
//! A [`Level`] is one SELECT (or DML statement) being bound; levels nest through subqueries, the
//! innermost last. An [`Item`] is one entry of FROM as names see it (PostgreSQL's
//! `ParseNamespaceItem`): a table, a subquery, a join. Invariants: an item's columns are expressions
//! over columns that the level's plan produces (or an outer level's); items that a name may not use
//! any more stay in `relations`, for hints only.

use super::collation::CollationOf;
use super::expr_kind::ExprKind;
use crate::ir::{AggregateCall, ColumnId, CteId, Expr, LockTarget};
use common::ObjectId;
use parser::{Location, LockingClause};
use std::sync::Arc;
use types::{SqlType, TypeOid};

/// A column of an item.
#[derive(Debug, Clone)]
pub(super) struct ItemColumn {
    pub name: String,
    /// A column of the plan; of a merged FULL JOIN column the COALESCE of both.
    pub expr: Expr,
    pub ty: SqlType,
    pub collation: CollationOf,
    /// Table and attribute number of a plain column, else zeros.
    pub origin: (ObjectId, i16),
}

/// A FROM entry.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// The alias, or the relation's own name; empty for a join without one.
    pub name: String,
    /// Of a relation without alias: its schema, for `schema.table.column`.
    pub schema: Option<String>,
    pub columns: Vec<ItemColumn>,
    /// `name.column` and `name.*` may refer to it.
    pub name_visible: bool,
    /// `column` and `*` may refer to its columns.
    pub columns_visible: bool,
    /// Only LATERAL items may refer to it yet.
    pub lateral_only: bool,
    /// False on the nullable side: such a reference is then an error of its own.
    pub lateral_ok: bool,
    /// The table it scans, if it is a plain one: for system columns, locking, whole-row values.
    pub table: Option<TableItem>,
    /// The composite type of its rows, where it has a name.
    pub row_type: TypeOid,
    /// The single column of a function that returns a scalar: `name` alone is that column.
    pub scalar_function: bool,
    /// Of what has no rows to lock: "a join", for the error of who names it.
    pub unlockable: Option<&'static str>,
    /// Of a subquery or view: the rows inside that the query around it locks.
    pub locks: Vec<LockTarget>,
    /// Of a join with an alias: what it hides.
    pub hidden: Vec<Item>,
}

/// What a plain table's item knows besides its columns.
#[derive(Debug, Clone)]
pub(super) struct TableItem {
    pub table: Arc<catalog::Table>,
    /// Its scan's first column: finds the scan in the plan again.
    pub marker: ColumnId,
}

/// What the level knows of each relation in FROM, visible or not: for hints.
#[derive(Debug, Clone)]
pub(super) struct RelationNote {
    pub alias: String,
    /// The relation's own name where the alias hides it.
    pub relation: Option<String>,
    pub columns: Vec<String>,
}

/// A common table expression in scope.
#[derive(Debug, Clone)]
pub(super) struct CteEntry {
    pub name: String,
    pub id: CteId,
    pub columns: Vec<CteColumn>,
    /// The output columns' ids in the definition.
    pub state: CteState,
}

#[derive(Debug, Clone)]
pub(super) struct CteColumn {
    pub name: String,
    pub ty: SqlType,
    pub collation: CollationOf,
    pub origin: (ObjectId, i16),
}

/// How a CTE may be used at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CteState {
    /// Defined before.
    Ready,
    /// Its own recursive term is being bound.
    Recursive,
    /// A data-modifying one without RETURNING.
    WithoutReturning,
    /// Declared by WITH RECURSIVE, not bound yet.
    Pending,
}

/// A reference to a column, in order of binding: where GROUP BY's check points to.
#[derive(Debug, Clone, Copy)]
pub(super) struct ColumnUse {
    pub id: ColumnId,
    pub location: Location,
}

/// A window function call waiting for its window.
#[derive(Debug, Clone)]
pub(super) struct PendingWindow {
    pub call: crate::ir::WindowCall,
    /// Index into the level's windows.
    pub window: usize,
}

/// A window of the level: PARTITION BY, ORDER BY, bound over the level's columns.
#[derive(Debug, Clone)]
pub(super) struct WindowSpec {
    pub name: Option<String>,
    pub partition_by: Vec<Expr>,
    pub order_by: Vec<crate::ir::SortKey>,
    pub frame: Option<crate::ir::Frame>,
}

/// One query level.
#[derive(Debug, Default)]
pub(super) struct Level {
    pub items: Vec<Item>,
    pub relations: Vec<RelationNote>,
    pub ctes: Vec<CteEntry>,
    /// What kind of clause is being bound: decides which functions are allowed.
    pub kind: ExprKind,
    /// LATERAL: the items to the left are visible although not yet joined.
    pub lateral: bool,
    pub aggregates: Vec<AggregateCall>,
    /// Where each aggregate stood.
    pub aggregate_places: Vec<Location>,
    pub windows: Vec<WindowSpec>,
    pub window_calls: Vec<PendingWindow>,
    pub uses: Vec<ColumnUse>,
    /// GROUPING(...) calls: id and arguments, resolved after GROUP BY is known.
    pub grouping: Vec<(ColumnId, Vec<(Expr, Location)>)>,
    /// Set-returning functions of the select list.
    pub set_returning: Vec<crate::ir::FunctionScanItem>,
    /// Untyped output columns stay untyped.
    pub keep_unknown: bool,
    /// FOR UPDATE and its kin, the query's own and those of the query around it that take this one
    /// in.
    pub locking: Vec<LockingClause>,
    /// Some of `locking` come from the query around this one.
    pub locked_from_outside: bool,
}
