//! What a function, operator, cast, aggregate or window function is.

use common::Result;
use types::{Datum, TypeOid, Vector};

use crate::aggregate_states::AggregateStates;
use crate::eval_context::EvalContext;

/// Whether equal arguments give equal results (`provolatile`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Volatility {
    /// For ever.
    Immutable,
    /// Within one statement: depends on settings.
    Stable,
    /// Not at all.
    Volatile,
}

/// Computes a result for each of `rows` rows. Arguments are as long as `rows`, flat or constant, of
/// the classes of the declared types. A strict function may compute anything for rows with a NULL
/// argument as long as it raises no error there; its caller does not look.
pub type ScalarFn = fn(&EvalContext<'_>, &[Vector], usize) -> Result<Vector>;

/// Rows of a set-returning function, a piece at a time.
pub trait SetRows: Send {
    /// Appends at most `rows_max` rows to the columns; says how many, 0 at the end.
    fn next(&mut self, columns: &mut [Vector], rows_max: usize) -> Result<usize>;
}

/// Starts a set-returning function for one call's arguments.
pub type SetFn = fn(&EvalContext<'_>, &[Datum]) -> Result<Box<dyn SetRows>>;

#[derive(Clone, Copy, Debug)]
pub enum FunctionKind {
    Scalar(ScalarFn),
    Set {
        start: SetFn,
        /// Names and types of the result's columns; empty for one column of the function's name.
        columns: &'static [(&'static str, TypeOid)],
    },
}

/// A function of `pg_proc`.
#[derive(Debug)]
pub struct FunctionDef {
    /// `pg_proc`'s number; ours from 9000 on.
    pub oid: u32,
    pub name: &'static str,
    pub args: &'static [TypeOid],
    /// The last of `args` takes any number of values of this type.
    pub variadic: Option<TypeOid>,
    /// How many trailing arguments may be left out.
    pub defaults: u8,
    pub ret: TypeOid,
    /// NULL when any argument is NULL.
    pub strict: bool,
    pub volatility: Volatility,
    pub kind: FunctionKind,
}

impl FunctionDef {
    pub fn returns_set(&self) -> bool {
        matches!(self.kind, FunctionKind::Set { .. })
    }
}

/// The six comparisons of the btree order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompareOp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// What an operator does.
#[derive(Clone, Copy, Debug)]
pub enum OperatorBody {
    /// `types::compare` of two values of one type (or of types that `types` compares across).
    Compare(CompareOp),
    Function(&'static FunctionDef),
}

/// An operator of `pg_operator`.
#[derive(Debug)]
pub struct OperatorDef {
    pub oid: u32,
    pub name: &'static str,
    /// None for a prefix operator.
    pub left: Option<TypeOid>,
    pub right: TypeOid,
    pub ret: TypeOid,
    pub body: OperatorBody,
    pub commutator: Option<&'static str>,
    pub negator: Option<&'static str>,
}

/// Where a cast is applied without being written (`castcontext`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum CastContext {
    Implicit,
    Assignment,
    Explicit,
}

#[derive(Clone, Copy, Debug)]
pub enum CastMethod {
    Function(ScalarFn),
    /// The bytes are the same.
    Binary,
    /// Through the text form.
    InOut,
}

/// A cast of `pg_cast`.
#[derive(Debug)]
pub struct CastDef {
    pub source: TypeOid,
    pub target: TypeOid,
    pub context: CastContext,
    pub method: CastMethod,
}

/// An aggregate.
#[derive(Debug)]
pub struct AggregateDef {
    pub oid: u32,
    pub name: &'static str,
    /// Of an ordered-set aggregate the direct arguments, then the aggregated one.
    pub args: &'static [TypeOid],
    pub variadic: Option<TypeOid>,
    /// Arguments in front that are given once, not a row: ordered-set aggregates.
    pub direct_args: Option<u8>,
    pub ret: TypeOid,
    /// Rows with a NULL argument are passed over.
    pub strict: bool,
    /// Makes the states of all groups of one evaluation.
    pub start: fn(&EvalContext<'_>) -> Box<dyn AggregateStates>,
}

/// The built-in window functions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WindowKind {
    RowNumber,
    Rank,
    DenseRank,
    PercentRank,
    CumeDist,
    Ntile,
    Lag,
    Lead,
    FirstValue,
    LastValue,
    NthValue,
}

/// A window function; the executor computes it.
#[derive(Debug)]
pub struct WindowDef {
    pub oid: u32,
    pub name: &'static str,
    pub args: &'static [TypeOid],
    pub ret: TypeOid,
    pub kind: WindowKind,
}
