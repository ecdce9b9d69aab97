//! Scalar expressions, before names and types are known.
//!
//! Long chains of AND and OR are flat lists; every other nesting is at most
//! `common::limits::MAX_NESTING` deep, so that recursion over a tree cannot exhaust a stack.

use super::{Location, QualifiedName, Query, SortBy, TypeName, WindowDef};

/// An expression and where it stands (as PostgreSQL reports it: a binary operator at the operator,
/// a function call at its name, a cast at `CAST` or `::`).
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub location: Location,
}

impl Expr {
    pub fn new(kind: ExprKind, location: Location) -> Self {
        Self { kind, location }
    }
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    Const(Literal),
    /// `a`, `t.a`, `s.t.a`, `*`, `t.*`. Never empty; a star stands last if at all.
    ColumnRef(Vec<NamePart>),
    /// `$n`, 1-based.
    Param(u32),
    /// An operator, prefix or infix.
    Op(Box<OpExpr>),
    /// At least two conjuncts, in the order they were written.
    And(Vec<Expr>),
    /// At least two disjuncts, in the order they were written.
    Or(Vec<Expr>),
    Not(Box<Expr>),
    FuncCall(Box<FuncCall>),
    /// `CAST(arg AS type)`, `arg::type` and `type 'text'` alike.
    Cast(Box<CastExpr>),
    Case(Box<CaseExpr>),
    Coalesce(Vec<Expr>),
    Greatest(Vec<Expr>),
    Least(Vec<Expr>),
    NullIf(Box<[Expr; 2]>),
    /// `arg IS [NOT] NULL`.
    IsNull {
        arg: Box<Expr>,
        negated: bool,
    },
    /// `arg IS [NOT] TRUE | FALSE | UNKNOWN`.
    BooleanTest {
        arg: Box<Expr>,
        test: BooleanTest,
    },
    /// `left IS [NOT] DISTINCT FROM right`; `negated` for the form with NOT.
    DistinctFrom {
        operands: Box<[Expr; 2]>,
        negated: bool,
    },
    /// `arg [NOT] IN (list)`; the form with a query is a [`SubLink`].
    In {
        arg: Box<Expr>,
        list: Vec<Expr>,
        negated: bool,
    },
    /// `left op ANY | ALL (array)`; the form with a query is a [`SubLink`].
    AnyAll(Box<AnyAllExpr>),
    Between(Box<BetweenExpr>),
    /// `[NOT] LIKE`, `ILIKE`, `SIMILAR TO`.
    Like(Box<LikeExpr>),
    SubLink(Box<SubLink>),
    /// `ARRAY[...]`; nested brackets are nested `Array`s.
    Array(Vec<Expr>),
    /// `ROW(...)` or `(a, b)`.
    Row {
        args: Vec<Expr>,
        explicit: bool,
    },
    /// `arg[1]`, `arg[1:2]`, `(arg).field`, `(arg).*`.
    Indirection {
        arg: Box<Expr>,
        path: Vec<Indirection>,
    },
    /// `CURRENT_DATE`, `CURRENT_TIMESTAMP(3)` and their like.
    SqlValue {
        function: SqlValueFunction,
        precision: Option<i32>,
    },
    Collate {
        arg: Box<Expr>,
        collation: QualifiedName,
    },
    /// `GROUPING(...)`.
    Grouping(Vec<Expr>),
    /// `DEFAULT`, where a value of a row of VALUES or of an assignment is expected.
    Default,
    /// `WHERE CURRENT OF cursor`.
    CurrentOf(String),
}

/// A literal, exactly as far as the scanner knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    Null,
    Bool(bool),
    /// An integer that fits in 32 bits; the grammar folds a minus sign before it into it.
    Int(i32),
    /// Any other number, in decimal as written, perhaps with a fraction or an exponent: an `int8`
    /// if it is whole and fits, else `numeric`.
    Number(String),
    /// A string of type `unknown`, escapes already applied.
    String(String),
    /// `B'..'` or `X'..'`: the digits behind the letter `b` or `x`, which comes first.
    BitString(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamePart {
    Name(String),
    Star,
}

#[derive(Debug, Clone, PartialEq)]
pub struct OpExpr {
    /// The operator's symbol, with its schema for `OPERATOR(schema.op)`.
    pub name: QualifiedName,
    /// `None` for a prefix operator.
    pub left: Option<Expr>,
    pub right: Expr,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FuncCall {
    pub name: QualifiedName,
    /// Positional arguments come first, as the grammar leaves to analysis to check.
    pub args: Vec<FuncArg>,
    /// `count(*)`: written with a star and no arguments.
    pub star: bool,
    pub distinct: bool,
    /// ORDER BY inside the parentheses, or that of WITHIN GROUP.
    pub order_by: Vec<SortBy>,
    pub within_group: bool,
    pub filter: Option<Expr>,
    pub over: Option<WindowDef>,
    /// The last argument was marked VARIADIC.
    pub variadic: bool,
    /// Written in a syntax of SQL's own (`EXTRACT(.. FROM ..)`, `AT TIME ZONE`): `name` is then
    /// the function in `pg_catalog` that does it, and deparsing gives that syntax back.
    pub sql_syntax: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FuncArg {
    /// `name => value`.
    pub name: Option<String>,
    pub value: Expr,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CastExpr {
    pub arg: Expr,
    pub type_name: TypeName,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CaseExpr {
    /// `CASE arg WHEN value`; `None` for conditions.
    pub arg: Option<Expr>,
    pub whens: Vec<CaseWhen>,
    pub default: Option<Expr>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CaseWhen {
    pub when: Expr,
    pub then: Expr,
    pub location: Location,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BooleanTest {
    IsTrue,
    IsNotTrue,
    IsFalse,
    IsNotFalse,
    IsUnknown,
    IsNotUnknown,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AnyAllExpr {
    pub op: QualifiedName,
    /// ALL, else ANY.
    pub all: bool,
    pub left: Expr,
    pub array: Expr,
}

#[derive(Debug, Clone, PartialEq)]
pub struct BetweenExpr {
    pub arg: Expr,
    pub low: Expr,
    pub high: Expr,
    pub negated: bool,
    pub symmetric: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LikeKind {
    /// Operators `~~` and `!~~`.
    Like,
    /// Operators `~~*` and `!~~*`.
    ILike,
    /// `SIMILAR TO`: operators `~` and `!~` over `pg_catalog.similar_to_escape(pattern, escape)`.
    SimilarTo,
}

#[derive(Debug, Clone, PartialEq)]
pub struct LikeExpr {
    pub kind: LikeKind,
    pub negated: bool,
    pub arg: Expr,
    pub pattern: Expr,
    /// The ESCAPE clause: `pg_catalog.like_escape(pattern, escape)` for LIKE and ILIKE.
    pub escape: Option<Expr>,
}

/// A query inside an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct SubLink {
    pub kind: SubLinkKind,
    pub query: Query,
}

#[derive(Debug, Clone, PartialEq)]
pub enum SubLinkKind {
    Exists,
    /// A scalar: at most one row of one column.
    Scalar,
    /// `ARRAY(query)`.
    Array,
    /// `left op ANY (query)`; `op` is `None` for `left IN (query)`. `NOT IN` is `Not` of this.
    /// `left` may be a [`ExprKind::Row`].
    Any {
        left: Expr,
        op: Option<QualifiedName>,
    },
    /// `left op ALL (query)`.
    All {
        left: Expr,
        op: QualifiedName,
    },
}

/// One step into a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Indirection {
    Field(String),
    Star,
    Index(Expr),
    Slice {
        lower: Option<Expr>,
        upper: Option<Expr>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqlValueFunction {
    CurrentDate,
    CurrentTime,
    CurrentTimestamp,
    LocalTime,
    LocalTimestamp,
    CurrentRole,
    CurrentUser,
    User,
    SessionUser,
    CurrentCatalog,
    CurrentSchema,
}
