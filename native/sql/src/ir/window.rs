//! Window functions.

use crate::ir::Collation;
use functions::{AggregateDef, WindowDef};

use super::{ColumnId, Expr, Plan, SortKey};

/// Computes window functions that share PARTITION BY and ORDER BY; produces its input's columns and
/// one a call. Several windows are several nodes.
#[derive(Clone, Debug)]
pub struct Window {
    pub input: Plan,
    pub partition_by: Vec<Expr>,
    pub order_by: Vec<SortKey>,
    pub calls: Vec<WindowCall>,
}

#[derive(Clone, Debug)]
pub struct WindowCall {
    pub id: ColumnId,
    pub function: WindowFunction,
    pub args: Vec<Expr>,
    /// Only for aggregates.
    pub filter: Option<Expr>,
    pub frame: Frame,
    pub collation: Collation,
}

#[derive(Clone, Copy, Debug)]
pub enum WindowFunction {
    /// `row_number`, `lag`, `first_value`, ...
    Window(&'static WindowDef),
    Aggregate(&'static AggregateDef),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrameUnit {
    Rows,
    Range,
    Groups,
}

/// The default is `RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW`.
#[derive(Clone, Debug)]
pub struct Frame {
    pub unit: FrameUnit,
    pub start: FrameBound,
    pub end: FrameBound,
    pub exclusion: FrameExclusion,
}

/// Offsets: `bigint` for ROWS and GROUPS; for RANGE of the type that the ordering column takes
/// (itself for numbers, `interval` for dates and times). Without columns of the input.
#[derive(Clone, Debug)]
pub enum FrameBound {
    UnboundedPreceding,
    Preceding(Expr),
    CurrentRow,
    Following(Expr),
    UnboundedFollowing,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FrameExclusion {
    #[default]
    NoOthers,
    CurrentRow,
    Group,
    Ties,
}

impl Default for Frame {
    fn default() -> Self {
        Self {
            unit: FrameUnit::Range,
            start: FrameBound::UnboundedPreceding,
            end: FrameBound::CurrentRow,
            exclusion: FrameExclusion::NoOthers,
        }
    }
}
