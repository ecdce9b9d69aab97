//! The built-in functions, operators and casts as resolution sees them: one view over the
//! registries of the crate `functions` and over the session's own functions.

use super::operator::Resolved;
use super::session_functions;
use super::type_rules::{CoercionContext, Pathway};
use crate::access::SessionFunction;
use crate::ir::Comparison;
use functions::{AggregateDef, FunctionDef, WindowDef};
use types::TypeOid;

/// What an operator does.
#[derive(Debug, Clone, Copy)]
pub(super) enum OperatorBody {
    Comparison(Comparison),
    Function(&'static FunctionDef),
}

/// What a function name stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum FunctionBody {
    Scalar(&'static FunctionDef),
    Aggregate(&'static AggregateDef),
    Window(&'static WindowDef),
    Session(SessionFunction),
}

/// One overload of a function.
#[derive(Debug, Clone)]
pub(super) struct Overload {
    pub args: Vec<TypeOid>,
    /// The last argument takes any number of values of this type.
    pub variadic: Option<TypeOid>,
    /// How many trailing arguments may be left out.
    pub defaults: usize,
    pub result: TypeOid,
    pub returns_set: bool,
    pub body: FunctionBody,
}

/// The operators of that name that are functions or comparisons of the registry.
pub(super) fn operators(symbol: &str) -> Vec<Resolved> {
    let one = |op: &&'static functions::OperatorDef| Resolved {
        left: op.left.unwrap_or(TypeOid::INVALID),
        right: op.right,
        result: op.ret,
        body: match op.body {
            functions::OperatorBody::Compare(op) => OperatorBody::Comparison(compare(op)),
            functions::OperatorBody::Function(function) => OperatorBody::Function(function),
        },
    };
    functions::operators_named(symbol).iter().map(one).collect()
}

fn compare(op: functions::CompareOp) -> Comparison {
    match op {
        functions::CompareOp::Eq => Comparison::Eq,
        functions::CompareOp::Ne => Comparison::Ne,
        functions::CompareOp::Lt => Comparison::Lt,
        functions::CompareOp::Le => Comparison::Le,
        functions::CompareOp::Gt => Comparison::Gt,
        functions::CompareOp::Ge => Comparison::Ge,
    }
}

/// All overloads of a function name.
pub(super) fn overloads(name: &str) -> Vec<Overload> {
    let mut all = Vec::new();
    for def in functions::functions_named(name) {
        all.push(Overload {
            args: def.args.to_vec(),
            variadic: def.variadic,
            defaults: def.defaults.into(),
            result: def.ret,
            returns_set: def.returns_set(),
            body: FunctionBody::Scalar(def),
        });
    }
    for def in functions::aggregates_named(name) {
        all.push(Overload {
            args: def.args.to_vec(),
            variadic: def.variadic,
            defaults: 0,
            result: def.ret,
            returns_set: false,
            body: FunctionBody::Aggregate(def),
        });
    }
    for def in functions::windows_named(name) {
        all.push(Overload {
            args: def.args.to_vec(),
            variadic: None,
            defaults: 0,
            result: def.ret,
            returns_set: false,
            body: FunctionBody::Window(def),
        });
    }
    for (function, args, result) in session_functions::named(name) {
        all.push(Overload {
            args: args.to_vec(),
            variadic: None,
            defaults: 0,
            result,
            returns_set: false,
            body: FunctionBody::Session(function),
        });
    }
    all
}

/// The cast between two built-in types: where it applies by itself, and how it works.
pub(super) fn cast(source: TypeOid, target: TypeOid) -> Option<(CoercionContext, Pathway)> {
    let def = functions::find_cast(source, target)?;
    let context = match def.context {
        functions::CastContext::Implicit => CoercionContext::Implicit,
        functions::CastContext::Assignment => CoercionContext::Assignment,
        functions::CastContext::Explicit => CoercionContext::Explicit,
    };
    let pathway = match def.method {
        functions::CastMethod::Function(_) => Pathway::Function,
        functions::CastMethod::Binary => Pathway::Relabel,
        functions::CastMethod::InOut => Pathway::Text,
    };
    Some((context, pathway))
}
