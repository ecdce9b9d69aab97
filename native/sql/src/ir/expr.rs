//! Bound expressions.
//!
//! Evaluation order is PostgreSQL's: CASE, COALESCE, AND and OR evaluate a branch only for the rows
//! that reach it, so an error in a branch not taken is not raised.

use crate::ir::Collation;
use functions::FunctionDef;
use types::{Datum, SqlType, TypeOid};

use super::{ColumnId, Plan};

/// A typed scalar expression.
#[derive(Clone, Debug)]
pub enum Expr {
    /// A value known at bind time. NULL has the type it was resolved to.
    Const {
        value: Datum,
        ty: SqlType,
    },
    Column {
        id: ColumnId,
        ty: SqlType,
    },
    /// Parameter of the statement, counted from 0 (`$1` is 0).
    Param {
        index: u16,
        ty: SqlType,
    },
    /// A function or an operator that is not one of [`Expr::Compare`]'s.
    Call {
        function: &'static FunctionDef,
        args: Vec<Expr>,
        ty: SqlType,
        collation: Collation,
    },
    /// A function whose answer depends on the session or changes it.
    Session(SessionCall),
    Cast(Box<CastExpr>),
    /// `=`, `<>`, `<`, `<=`, `>`, `>=` by the default ordering of the type. Both sides have the
    /// same
    /// type (typmod apart); the binder casts where PostgreSQL has a cross-type operator.
    Compare {
        op: Comparison,
        left: Box<Expr>,
        right: Box<Expr>,
        collation: Collation,
    },
    /// `(a, b) < (c, d)` and its kin, of equal length; the pairs as in [`Expr::Compare`].
    RowCompare {
        op: Comparison,
        left: Vec<Expr>,
        right: Vec<Expr>,
        collation: Collation,
    },
    /// At least two operands, not nested in itself.
    And(Vec<Expr>),
    /// At least two operands, not nested in itself.
    Or(Vec<Expr>),
    Not(Box<Expr>),
    /// `IS NULL`, or `IS NOT NULL` when negated. On a row value, PostgreSQL's rule for rows.
    IsNull {
        arg: Box<Expr>,
        negated: bool,
    },
    /// `IS TRUE`, `IS NOT UNKNOWN`, ...
    BooleanTest {
        arg: Box<Expr>,
        test: BooleanTest,
    },
    /// `IS DISTINCT FROM`; `IS NOT DISTINCT FROM` when negated.
    IsDistinct {
        left: Box<Expr>,
        right: Box<Expr>,
        negated: bool,
        collation: Collation,
    },
    Case(Box<CaseExpr>),
    /// The first that is not null.
    Coalesce {
        args: Vec<Expr>,
        ty: SqlType,
    },
    /// `GREATEST` or `LEAST`: nulls are skipped.
    MinMax {
        greatest: bool,
        args: Vec<Expr>,
        ty: SqlType,
        collation: Collation,
    },
    /// The left, or null where it equals the right; both of the same type.
    NullIf {
        left: Box<Expr>,
        right: Box<Expr>,
        collation: Collation,
    },
    /// `arg IN (constants)`; the constants have `arg`'s type. `NOT IN` when negated.
    InList {
        arg: Box<Expr>,
        list: Vec<Datum>,
        negated: bool,
        collation: Collation,
    },
    /// `arg op ANY (array)` or `ALL`, for the six comparisons; the elements have `arg`'s type.
    CompareArray {
        op: Comparison,
        quantifier: Quantifier,
        arg: Box<Expr>,
        array: Box<Expr>,
        collation: Collation,
    },
    /// `arg op ANY (array)` or `ALL` for any other boolean operator.
    CallArray {
        function: &'static FunctionDef,
        quantifier: Quantifier,
        arg: Box<Expr>,
        array: Box<Expr>,
        collation: Collation,
    },
    /// `ARRAY[...]`. If `nested`, the elements are arrays of `ty` themselves.
    Array {
        elements: Vec<Expr>,
        nested: bool,
        ty: SqlType,
    },
    /// `ROW(...)`.
    Row {
        fields: Vec<Expr>,
        /// Of each field; empty where they have none.
        names: Vec<String>,
        ty: SqlType,
    },
    /// Field of a composite value, counted from 0.
    Field {
        arg: Box<Expr>,
        index: u16,
        ty: SqlType,
    },
    /// `array[1]`, `array[2:3]`, `array[1][2]`.
    Subscript {
        arg: Box<Expr>,
        items: Vec<SubscriptItem>,
        ty: SqlType,
    },
    Subquery(Box<Subquery>),
}

/// The six comparisons of an ordered type.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Comparison {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Comparison {
    /// The comparison with its sides exchanged: `a < b` is `b > a`.
    pub fn commuted(self) -> Self {
        match self {
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
            same => same,
        }
    }

    /// What is true exactly when this is false (nulls apart).
    pub fn negated(self) -> Self {
        match self {
            Self::Eq => Self::Ne,
            Self::Ne => Self::Eq,
            Self::Lt => Self::Ge,
            Self::Le => Self::Gt,
            Self::Gt => Self::Le,
            Self::Ge => Self::Lt,
        }
    }

    pub fn symbol(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "<>",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }

    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Eq => order.is_eq(),
            Self::Ne => order.is_ne(),
            Self::Lt => order.is_lt(),
            Self::Le => order.is_le(),
            Self::Gt => order.is_gt(),
            Self::Ge => order.is_ge(),
        }
    }
}

/// `IS [NOT] TRUE | FALSE | UNKNOWN`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BooleanTest {
    IsTrue,
    IsNotTrue,
    IsFalse,
    IsNotFalse,
    IsUnknown,
    IsNotUnknown,
}

/// `ANY` (`SOME`) or `ALL`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quantifier {
    Any,
    All,
}

/// A function of [`crate::access::Session::call`], named as in `pg_proc`.
#[derive(Clone, Debug)]
pub struct SessionCall {
    pub function: crate::access::SessionFunction,
    pub args: Vec<Expr>,
    pub ty: SqlType,
}

/// A cast; typmod coercion (`varchar(3)`, `numeric(5,2)`) is a cast to the type with that typmod.
#[derive(Clone, Debug)]
pub struct CastExpr {
    pub arg: Expr,
    pub to: SqlType,
    /// Written by the user (`::`, `CAST`): a too long `varchar(n)` is cut without an error.
    pub explicit: bool,
}

/// A searched CASE; a simple one binds its operand to a column of its own, evaluated once.
#[derive(Clone, Debug)]
pub struct CaseExpr {
    /// The operand of a simple CASE and the id by which `branches` refer to it.
    pub operand: Option<(ColumnId, Expr)>,
    /// Condition and result.
    pub branches: Vec<(Expr, Expr)>,
    /// `None` is `ELSE NULL`.
    pub otherwise: Option<Expr>,
    pub ty: SqlType,
}

/// One subscript.
#[derive(Clone, Debug)]
pub enum SubscriptItem {
    Index(Expr),
    /// Absent bounds are the array's.
    Slice(Option<Expr>, Option<Expr>),
}

/// A subquery in an expression; it may refer to columns of enclosing queries.
#[derive(Clone, Debug)]
pub struct Subquery {
    pub kind: SubqueryKind,
    pub plan: Plan,
    /// The subquery's output columns, in order.
    pub columns: Vec<ColumnId>,
    pub ty: SqlType,
}

#[derive(Clone, Debug)]
pub enum SubqueryKind {
    /// `EXISTS`.
    Exists,
    /// One column; no row is null, a second row is 21000.
    Scalar,
    /// `left op ANY|ALL (subquery)`: as many `left` as columns. `IN` is `= ANY`, `NOT IN` is
    /// `<> ALL`; several columns are compared as rows.
    Compare {
        op: Comparison,
        quantifier: Quantifier,
        left: Vec<Expr>,
        collation: Collation,
    },
    /// `left op ANY|ALL (subquery)` with any other boolean operator, one column.
    Call {
        function: &'static FunctionDef,
        quantifier: Quantifier,
        left: Expr,
        collation: Collation,
    },
    /// `ARRAY(subquery)`.
    Array,
    /// `(a, b) = (subquery)` in UPDATE's multiple assignment: a composite of all columns, or null.
    Row,
}

impl Expr {
    pub fn column(id: ColumnId, ty: SqlType) -> Self {
        Self::Column { id, ty }
    }

    pub fn constant(value: Datum, ty: SqlType) -> Self {
        Self::Const { value, ty }
    }

    /// An untyped or typed NULL.
    pub fn null(ty: SqlType) -> Self {
        Self::Const {
            value: Datum::Null,
            ty,
        }
    }

    pub fn boolean(value: bool) -> Self {
        Self::Const {
            value: Datum::Bool(value),
            ty: SqlType::new(TypeOid::BOOL),
        }
    }

    pub fn compare(op: Comparison, left: Expr, right: Expr) -> Self {
        Self::Compare {
            op,
            left: Box::new(left),
            right: Box::new(right),
            collation: Collation::default(),
        }
    }

    /// The conjunction of `parts`, flattened; true when there are none.
    pub fn and(parts: impl IntoIterator<Item = Expr>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Self::boolean(true),
            1 => flat.remove(0),
            _ => Self::And(flat),
        }
    }

    /// The disjunction of `parts`, flattened; false when there are none.
    pub fn or(parts: impl IntoIterator<Item = Expr>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Self::boolean(false),
            1 => flat.remove(0),
            _ => Self::Or(flat),
        }
    }

    /// Takes a condition apart at its top-level ANDs.
    pub fn conjuncts(self) -> Vec<Expr> {
        match self {
            Self::And(parts) => parts.into_iter().flat_map(Expr::conjuncts).collect(),
            other => vec![other],
        }
    }

    /// The type of the value.
    pub fn ty(&self) -> SqlType {
        match self {
            Self::Const { ty, .. }
            | Self::Column { ty, .. }
            | Self::Param { ty, .. }
            | Self::Call { ty, .. }
            | Self::Coalesce { ty, .. }
            | Self::MinMax { ty, .. }
            | Self::Array { ty, .. }
            | Self::Row { ty, .. }
            | Self::Field { ty, .. }
            | Self::Subscript { ty, .. } => *ty,
            Self::Session(call) => call.ty,
            Self::Cast(cast) => cast.to,
            Self::Case(case) => case.ty,
            Self::NullIf { left, .. } => left.ty(),
            Self::Subquery(subquery) => subquery.ty,
            Self::Compare { .. }
            | Self::RowCompare { .. }
            | Self::And(_)
            | Self::Or(_)
            | Self::Not(_)
            | Self::IsNull { .. }
            | Self::BooleanTest { .. }
            | Self::IsDistinct { .. }
            | Self::InList { .. }
            | Self::CompareArray { .. }
            | Self::CallArray { .. } => SqlType::new(TypeOid::BOOL),
        }
    }

    /// The column this is, if it is nothing else.
    pub fn as_column(&self) -> Option<ColumnId> {
        match self {
            Self::Column { id, .. } => Some(*id),
            _ => None,
        }
    }
}
