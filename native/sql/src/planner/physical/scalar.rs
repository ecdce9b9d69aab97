//! Expressions whose columns are positions.

use crate::ir::Collation;
use functions::FunctionDef;
use types::{Datum, SqlType};

use crate::access::SessionFunction;
use crate::ir::{BooleanTest, Comparison, Quantifier};

/// A compiled expression; the variants mean what those of [`crate::ir::Expr`] mean.
#[derive(Clone, Debug)]
pub enum Scalar {
    Const {
        value: Datum,
        ty: SqlType,
    },
    Column {
        position: usize,
        ty: SqlType,
    },
    Param {
        index: usize,
        ty: SqlType,
    },
    /// A value set from outside; see the module.
    Slot {
        slot: usize,
        ty: SqlType,
    },
    Call {
        function: &'static FunctionDef,
        args: Vec<Scalar>,
        ty: SqlType,
        collation: Collation,
    },
    Session {
        function: SessionFunction,
        args: Vec<Scalar>,
        ty: SqlType,
    },
    Cast {
        arg: Box<Scalar>,
        to: SqlType,
        explicit: bool,
    },
    Compare {
        op: Comparison,
        left: Box<Scalar>,
        right: Box<Scalar>,
        collation: Collation,
    },
    RowCompare {
        op: Comparison,
        left: Vec<Scalar>,
        right: Vec<Scalar>,
        collation: Collation,
    },
    And(Vec<Scalar>),
    Or(Vec<Scalar>),
    Not(Box<Scalar>),
    IsNull {
        arg: Box<Scalar>,
        negated: bool,
    },
    BooleanTest {
        arg: Box<Scalar>,
        test: BooleanTest,
    },
    IsDistinct {
        left: Box<Scalar>,
        right: Box<Scalar>,
        negated: bool,
        collation: Collation,
    },
    Case(Box<ScalarCase>),
    Coalesce {
        args: Vec<Scalar>,
        ty: SqlType,
    },
    MinMax {
        greatest: bool,
        args: Vec<Scalar>,
        ty: SqlType,
        collation: Collation,
    },
    NullIf {
        left: Box<Scalar>,
        right: Box<Scalar>,
        collation: Collation,
    },
    InList {
        arg: Box<Scalar>,
        list: Vec<Datum>,
        negated: bool,
        collation: Collation,
    },
    CompareArray {
        op: Comparison,
        quantifier: Quantifier,
        arg: Box<Scalar>,
        array: Box<Scalar>,
        collation: Collation,
    },
    CallArray {
        function: &'static FunctionDef,
        quantifier: Quantifier,
        arg: Box<Scalar>,
        array: Box<Scalar>,
        collation: Collation,
    },
    Array {
        elements: Vec<Scalar>,
        nested: bool,
        ty: SqlType,
    },
    Row {
        fields: Vec<Scalar>,
        /// Of each field; empty where they have none.
        names: Vec<String>,
        ty: SqlType,
    },
    Field {
        arg: Box<Scalar>,
        index: usize,
        ty: SqlType,
    },
    Subscript {
        arg: Box<Scalar>,
        items: Vec<ScalarSubscript>,
        ty: SqlType,
    },
    /// Subplan number `index` of the plan. `binds` are the slots that this row sets for it.
    Subplan {
        index: usize,
        usage: SubplanUse,
        left: Vec<Scalar>,
        binds: Vec<(usize, Scalar)>,
        ty: SqlType,
    },
}

/// See [`crate::ir::CaseExpr`].
#[derive(Clone, Debug)]
pub struct ScalarCase {
    /// Evaluated once a row; branches read it as the column at `operand_position`.
    pub operand: Option<Scalar>,
    pub branches: Vec<(Scalar, Scalar)>,
    pub otherwise: Option<Scalar>,
    pub ty: SqlType,
    /// The first position after the input's columns (nested ones: after the outer operands).
    pub operand_position: usize,
}

#[derive(Clone, Debug)]
pub enum ScalarSubscript {
    Index(Scalar),
    Slice(Option<Scalar>, Option<Scalar>),
}

/// What is made of a subplan's rows.
#[derive(Clone, Debug)]
pub enum SubplanUse {
    Exists,
    Scalar,
    Array,
    Row,
    Compare {
        op: Comparison,
        quantifier: Quantifier,
        collation: Collation,
    },
    Call {
        function: &'static FunctionDef,
        quantifier: Quantifier,
        collation: Collation,
    },
}

impl Scalar {
    /// Calls `visit` for each direct operand.
    pub fn for_each_operand<'s>(&'s self, visit: &mut dyn FnMut(&'s Scalar)) {
        match self {
            Self::Const { .. } | Self::Column { .. } | Self::Param { .. } | Self::Slot { .. } => {}
            Self::Call { args, .. }
            | Self::Session { args, .. }
            | Self::And(args)
            | Self::Or(args)
            | Self::Coalesce { args, .. }
            | Self::MinMax { args, .. }
            | Self::Array { elements: args, .. }
            | Self::Row { fields: args, .. } => args.iter().for_each(visit),
            Self::Subplan { left, .. } => left.iter().for_each(visit),
            Self::Cast { arg, .. }
            | Self::Not(arg)
            | Self::IsNull { arg, .. }
            | Self::BooleanTest { arg, .. }
            | Self::InList { arg, .. }
            | Self::Field { arg, .. } => visit(arg),
            Self::Compare { left, right, .. }
            | Self::IsDistinct { left, right, .. }
            | Self::NullIf { left, right, .. } => {
                visit(left);
                visit(right);
            }
            Self::RowCompare { left, right, .. } => left.iter().chain(right).for_each(visit),
            Self::CompareArray { arg, array, .. } | Self::CallArray { arg, array, .. } => {
                visit(arg);
                visit(array);
            }
            Self::Case(case) => {
                case.operand.iter().for_each(&mut *visit);
                for (when, then) in &case.branches {
                    visit(when);
                    visit(then);
                }
                case.otherwise.iter().for_each(visit);
            }
            Self::Subscript { arg, items, .. } => {
                visit(arg);
                for item in items {
                    match item {
                        ScalarSubscript::Index(index) => visit(index),
                        ScalarSubscript::Slice(lower, upper) => {
                            lower.iter().chain(upper).for_each(&mut *visit);
                        }
                    }
                }
            }
        }
    }
}
