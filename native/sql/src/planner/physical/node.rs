//! Operators that read.

use std::sync::Arc;

use crate::ir::Collation;
use common::ObjectId;
use functions::{AggregateDef, FunctionDef};
use types::{Datum, SqlType};

use super::{DeleteNode, InsertNode, Scalar, UpdateNode};
use crate::access::{Direction, LockStrength, WaitPolicy};
use crate::ir::{
    ColumnId, ColumnTable, Comparison, ExternalId, Frame, JoinKind, OutputColumn, SetOpKind,
    SystemColumn, WindowFunction,
};
use crate::planner::direct::DirectPlan;

/// Number of a node within its plan; EXPLAIN ANALYZE counts by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub u32);

/// Number of a base scan within its plan: where a re-evaluation puts one row in place of the table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ScanId(pub u32);

/// What the planner thinks; costs in PostgreSQL's unit, one sequential page read.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Estimate {
    pub startup: f64,
    pub total: f64,
    pub rows: f64,
    /// Mean bytes of a row.
    pub width: u32,
}

/// A whole statement.
#[derive(Debug)]
pub struct PhysicalPlan {
    pub root: Node,
    pub columns: ColumnTable,
    /// What the client gets, and where it is among the root's columns.
    pub output: Vec<(OutputColumn, usize)>,
    pub params: Vec<SqlType>,
    /// The column that each slot stands for.
    pub slots: Vec<ColumnId>,
    pub subplans: Vec<SubplanDef>,
    pub ctes: Vec<CteNode>,
    pub node_count: usize,
    pub scan_count: usize,
    /// The short way of a point or range statement.
    pub direct: Option<DirectPlan>,
    /// False for a plan that only reads.
    pub writes: bool,
}

impl PhysicalPlan {
    /// A plan of nothing, for work that has no plan of its own.
    pub fn empty() -> Self {
        Self {
            root: Node {
                id: NodeId(0),
                kind: NodeKind::Empty,
                columns: Vec::new(),
                types: Vec::new(),
                estimate: Estimate::default(),
            },
            columns: ColumnTable::new(),
            output: Vec::new(),
            params: Vec::new(),
            slots: Vec::new(),
            subplans: Vec::new(),
            ctes: Vec::new(),
            node_count: 1,
            scan_count: 0,
            direct: None,
            writes: false,
        }
    }
}

/// A subquery that stayed an expression.
#[derive(Debug)]
pub struct SubplanDef {
    pub root: Node,
    /// Positions of the subquery's columns among the root's.
    pub positions: Vec<usize>,
    pub types: Vec<SqlType>,
    /// Slots whose change makes it run again; none: it runs once.
    pub slots: Vec<usize>,
    /// False if it is volatile: never remembered.
    pub cacheable: bool,
}

#[derive(Debug)]
pub struct CteNode {
    pub name: String,
    pub root: Node,
    pub positions: Vec<usize>,
    pub types: Vec<SqlType>,
    /// Runs to its end even if nobody reads it.
    pub writes: bool,
}

#[derive(Debug)]
pub struct Node {
    pub id: NodeId,
    pub kind: NodeKind,
    /// The rows' columns, and their types.
    pub columns: Vec<ColumnId>,
    pub types: Vec<SqlType>,
    pub estimate: Estimate,
}

#[derive(Debug)]
pub enum NodeKind {
    OneRow,
    Empty,
    TableScan(Arc<TableScanNode>),
    IndexScan(Arc<IndexScanNode>),
    FunctionScan(Arc<FunctionScanNode>),
    Values(Arc<ValuesNode>),
    External(ExternalId),
    Project(Arc<ProjectNode>),
    Filter(Arc<FilterNode>),
    NestedLoop(Arc<NestedLoopNode>),
    HashJoin(Arc<HashJoinNode>),
    Aggregate(Arc<AggregateNode>),
    Window(Arc<WindowNode>),
    Sort(Arc<SortNode>),
    Limit(Arc<LimitNode>),
    Distinct(Arc<DistinctNode>),
    Append(Arc<AppendNode>),
    SetOp(Arc<SetOpNode>),
    With(Arc<WithNode>),
    CteScan(Arc<CteSource>),
    Recursive(Arc<RecursiveNode>),
    Lock(Arc<LockNode>),
    Insert(Arc<InsertNode>),
    Update(Arc<UpdateNode>),
    Delete(Arc<DeleteNode>),
}

#[derive(Debug)]
pub struct TableScanNode {
    pub scan: ScanId,
    pub table: ObjectId,
    pub name: String,
    pub alias: String,
    pub positions: Vec<u16>,
    /// After the columns.
    pub system: Vec<SystemColumn>,
    /// Hints for the store: table position, comparison, a value without columns.
    pub predicates: Vec<(u16, Comparison, Scalar)>,
    /// The whole condition.
    pub filter: Option<Scalar>,
}

#[derive(Debug)]
pub struct IndexScanNode {
    pub scan: ScanId,
    pub table: ObjectId,
    pub name: String,
    pub alias: String,
    pub index: ObjectId,
    pub index_name: String,
    pub positions: Vec<u16>,
    pub system: Vec<SystemColumn>,
    pub range: KeyRange,
    pub direction: Direction,
    pub index_only: bool,
    /// The conditions that the range stands for, over the output's columns when all of those are
    /// there: what a re-evaluation on a newer row checks, and what EXPLAIN shows.
    pub index_condition: Option<Scalar>,
    /// The other conditions.
    pub filter: Option<Scalar>,
    /// The prefix is a whole unique key, none of it null: one row at most.
    pub unique: bool,
    /// Nobody reads the rows' columns: batches have none.
    pub is_counted: bool,
}

/// Where the bounds of an index scan come from; expressions without columns.
#[derive(Debug, Default)]
pub struct KeyRange {
    pub prefix: Vec<KeySource>,
    pub lower: Option<BoundSource>,
    pub upper: Option<BoundSource>,
    pub not_null: bool,
}

#[derive(Debug)]
pub enum KeySource {
    /// A null finds nothing.
    Equal(Scalar),
    IsNull,
    /// Each element that is not null, once, in index order.
    AnyOf(Vec<Datum>, SqlType),
    /// The same for the elements of an array.
    AnyArray(Scalar),
}

#[derive(Debug)]
pub struct BoundSource {
    pub values: Vec<Scalar>,
    pub inclusive: bool,
}

#[derive(Debug)]
pub struct FunctionScanNode {
    pub functions: Vec<SetSource>,
    pub ordinality: bool,
    pub alias: String,
}

/// A function that gives rows: to FROM, or to a select list.
#[derive(Debug)]
pub enum SetSource {
    Set {
        function: &'static FunctionDef,
        args: Vec<Scalar>,
        types: Vec<SqlType>,
        collation: Collation,
    },
    Scalar(Scalar, Vec<SqlType>),
}

#[derive(Debug)]
pub struct ValuesNode {
    pub rows: Vec<Vec<Scalar>>,
}

#[derive(Debug)]
pub struct ProjectNode {
    pub input: Node,
    pub columns: Vec<Scalar>,
    /// Produces its columns after `columns`.
    pub sets: Vec<SetSource>,
}

#[derive(Debug)]
pub struct FilterNode {
    pub input: Node,
    pub condition: Scalar,
}

/// Rows are the left's columns, then the right's (semi and anti joins: only the left's).
#[derive(Debug)]
pub struct NestedLoopNode {
    /// Inner, Left, Semi or Anti.
    pub kind: JoinKind,
    pub left: Node,
    pub right: Node,
    /// Over left and right columns.
    pub condition: Option<Scalar>,
    /// Slots to set, and the left positions they take: then the right side starts anew a left row.
    pub binds: Vec<(usize, usize)>,
}

/// Hashes the right side, probes with the left.
#[derive(Debug)]
pub struct HashJoinNode {
    pub kind: JoinKind,
    /// A semi or anti join whose roles are swapped: it gives the right rows, which are hashed, that
    /// have (or lack) a left one.
    pub flipped: bool,
    pub left: Node,
    pub right: Node,
    pub left_keys: Vec<Scalar>,
    pub right_keys: Vec<Scalar>,
    pub key_types: Vec<SqlType>,
    pub collations: Vec<Collation>,
    /// What else must hold, over left and right columns.
    pub condition: Option<Scalar>,
}

#[derive(Debug)]
pub struct AggregateNode {
    pub input: Node,
    pub keys: Vec<Scalar>,
    pub key_types: Vec<SqlType>,
    /// One list of all keys unless there are grouping sets.
    pub sets: Vec<Vec<usize>>,
    pub calls: Vec<AggregateSpec>,
    pub grouping: Vec<Vec<usize>>,
}

#[derive(Debug)]
pub struct AggregateSpec {
    pub function: &'static AggregateDef,
    pub args: Vec<Scalar>,
    pub arg_types: Vec<SqlType>,
    pub distinct: bool,
    pub order_by: Vec<SortSpec>,
    pub filter: Option<Scalar>,
    pub collation: Collation,
    pub ty: SqlType,
}

impl AggregateSpec {
    /// True of `sum` and `avg` of numerics over all rows: they take decimals
    /// ([`functions::AggregateStates::update_decimals`]).
    pub fn takes_decimals(&self) -> bool {
        let plain = !self.distinct && self.order_by.is_empty() && self.filter.is_none();
        plain && matches!(self.function.oid, SUM_NUMERIC | AVG_NUMERIC)
    }
}

const SUM_NUMERIC: u32 = 2114;
const AVG_NUMERIC: u32 = 2103;

#[derive(Clone, Debug)]
pub struct SortSpec {
    pub key: Scalar,
    pub ty: SqlType,
    pub descending: bool,
    pub nulls_first: bool,
    pub collation: Collation,
}

#[derive(Debug)]
pub struct WindowNode {
    pub input: Node,
    pub partition_by: Vec<SortSpec>,
    pub order_by: Vec<SortSpec>,
    pub calls: Vec<WindowSpec>,
}

#[derive(Debug)]
pub struct WindowSpec {
    pub function: WindowFunction,
    pub args: Vec<Scalar>,
    pub filter: Option<Scalar>,
    pub frame: Frame,
    /// The frame's offsets, compiled.
    pub start_offset: Option<Scalar>,
    pub end_offset: Option<Scalar>,
    pub collation: Collation,
    pub ty: SqlType,
}

#[derive(Debug)]
pub struct SortNode {
    pub input: Node,
    pub keys: Vec<SortSpec>,
    /// Limit and offset of the node above: no more rows than their sum are asked for.
    pub top: Option<(Scalar, Option<Scalar>)>,
}

#[derive(Debug)]
pub struct LimitNode {
    pub input: Node,
    pub limit: Option<Scalar>,
    pub offset: Option<Scalar>,
    /// Of `WITH TIES`: the order; empty otherwise.
    pub ties: Vec<SortSpec>,
}

/// Keeps the first row of each group of equal keys.
#[derive(Debug)]
pub struct DistinctNode {
    pub input: Node,
    pub keys: Vec<Scalar>,
    pub key_types: Vec<SqlType>,
}

#[derive(Debug)]
pub struct AppendNode {
    /// Each with the positions that make the output's columns.
    pub inputs: Vec<(Node, Vec<usize>)>,
}

/// INTERSECT and EXCEPT.
#[derive(Debug)]
pub struct SetOpNode {
    pub kind: SetOpKind,
    pub all: bool,
    pub left: Node,
    pub left_positions: Vec<usize>,
    pub right: Node,
    pub right_positions: Vec<usize>,
}

/// Starts its CTEs anew when it is started anew.
#[derive(Debug)]
pub struct WithNode {
    pub ctes: Vec<usize>,
    pub body: Node,
}

#[derive(Debug)]
pub struct CteSource {
    pub cte: usize,
    pub name: String,
    pub alias: String,
    pub positions: Vec<usize>,
    /// Reads the working table of the recursion it is in.
    pub working: bool,
}

#[derive(Debug)]
pub struct RecursiveNode {
    pub cte: usize,
    pub all: bool,
    pub base: Node,
    pub base_positions: Vec<usize>,
    pub step: Node,
    pub step_positions: Vec<usize>,
}

#[derive(Debug)]
pub struct LockNode {
    pub input: Node,
    pub targets: Vec<LockSpec>,
    /// Under a LIMIT: gives, and locks, one row at a time.
    pub one_by_one: bool,
    /// Row id positions of all base scans below, for a re-evaluation with the same rows.
    pub marks: Vec<Mark>,
}

#[derive(Debug)]
pub struct LockSpec {
    pub table: ObjectId,
    pub row_id: usize,
    pub strength: LockStrength,
    pub wait: WaitPolicy,
    pub scan: Option<ScanId>,
}

/// A base scan and where its row id is.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    pub scan: ScanId,
    pub table: ObjectId,
    pub row_id: usize,
}
