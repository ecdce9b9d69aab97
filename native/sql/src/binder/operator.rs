//! Operators: resolution by name and types, and their lowering (`parse_oper.c`).
//!
//! The six comparisons are candidates made from the types that have an order; everything else comes
//! from the registry of functions. A comparison across types casts both sides to the wider one.

use super::binder::Binder;
use super::candidate::{Candidate, Choice, choose};
use super::compare_types::{self, comparison};
use super::registry::{self, OperatorBody};
use super::type_rules::CoercionContext;
use super::typed::{Typed, leftmost};
use crate::ir::{Comparison, Expr};
use common::{Error, Result, err, sqlstate};
use parser as ast;
use types::{SqlType, TypeOid};

/// An operator that was chosen: the types it declares (invalid left: prefix) and what it does.
#[derive(Debug, Clone)]
pub(super) struct Resolved {
    pub left: TypeOid,
    pub right: TypeOid,
    pub result: TypeOid,
    pub body: OperatorBody,
}

impl Binder<'_> {
    pub(super) fn bind_op(&mut self, op: &ast::OpExpr, location: ast::Location) -> Result<Typed> {
        use ast::ExprKind as K;
        if let Some(left) = &op.left {
            match (&left.kind, &op.right.kind) {
                (K::Row { args: a, .. }, K::Row { args: b, .. }) => {
                    return self.bind_row_compare(&op.name, a, b, location);
                }
                (K::Row { args, .. }, K::SubLink(link))
                    if link.kind == ast::SubLinkKind::Scalar =>
                {
                    return self.bind_row_subquery(&op.name, args, &link.query, location);
                }
                _ => {}
            }
        }
        let left = op.left.as_ref().map(|e| self.bind_expr(e)).transpose()?;
        let right = self.bind_expr(&op.right)?;
        self.operate(&op.name, left, right, location)
    }

    /// Applies an operator to bound operands.
    pub(super) fn operate(
        &mut self,
        name: &ast::QualifiedName,
        left: Option<Typed>,
        right: Typed,
        location: ast::Location,
    ) -> Result<Typed> {
        let types = (left.as_ref().map(Typed::oid), right.oid());
        let resolved = self.resolve_operator(name, types.0, types.1, location)?;
        self.apply_operator(&resolved, left, right, location)
    }

    /// Applies an operator of `pg_catalog` by its symbol.
    pub(super) fn operate_named(
        &mut self,
        symbol: &str,
        left: Typed,
        right: Typed,
        location: ast::Location,
    ) -> Result<Typed> {
        let name = ast::QualifiedName {
            parts: vec![symbol.to_owned()],
            location,
        };
        self.operate(&name, Some(left), right, location)
    }

    /// Finds the operator for these operand types; 42883 or 42725 where none or several fit.
    pub(super) fn resolve_operator(
        &mut self,
        name: &ast::QualifiedName,
        left: Option<TypeOid>,
        right: TypeOid,
        location: ast::Location,
    ) -> Result<Resolved> {
        let symbol = name.name();
        let known = name.schema().is_none_or(|s| s == "pg_catalog");
        let all = if known {
            candidates(symbol, left.is_none())
        } else {
            Vec::new()
        };
        if let Some(exact) = self.exact_operator(&all, left, right) {
            return Ok(self.with_actual_types(exact, left, right));
        }
        let inputs: Vec<TypeOid> = left.into_iter().chain([right]).collect();
        let list = all.iter().enumerate().map(|(index, op)| {
            let args = match left {
                Some(_) => vec![op.left, op.right],
                None => vec![op.right],
            };
            Candidate { index, args }
        });
        let choice = choose(&self.types(), &inputs, list.collect());
        match choice {
            Choice::One(index) => Ok(self.with_actual_types(all[index].clone(), left, right)),
            choice => Err(self.operator_error(name, left, right, &choice, location)),
        }
    }

    /// An exact match, an untyped side taken to have the other's type (`binary_oper_exact`).
    fn exact_operator(
        &self,
        all: &[Resolved],
        left: Option<TypeOid>,
        right: TypeOid,
    ) -> Option<Resolved> {
        let rules = self.types();
        let (mut l, mut r) = (left.unwrap_or(TypeOid::INVALID), right);
        if left.is_some() {
            let unknown = TypeOid::UNKNOWN;
            if l == unknown && r != unknown {
                l = r;
            } else if r == unknown && l != unknown {
                r = l;
            }
        }
        let find = |l, r| all.iter().find(|op| op.left == l && op.right == r).cloned();
        find(l, r).or_else(|| {
            let (lb, rb) = (rules.base_type(l), rules.base_type(r));
            let had_unknown = left == Some(TypeOid::UNKNOWN) || right == TypeOid::UNKNOWN;
            ((lb, rb) != (l, r) && (had_unknown || lb == rb))
                .then(|| find(lb, rb))
                .flatten()
        })
    }

    /// Replaces polymorphic declared types by what they stand for here.
    fn with_actual_types(
        &self,
        mut op: Resolved,
        left: Option<TypeOid>,
        right: TypeOid,
    ) -> Resolved {
        let rules = self.types();
        let (actual, declared): (Vec<_>, Vec<_>) = match left {
            // An untyped side takes what the other makes of the family.
            Some(left) => (vec![left, right], vec![op.left, op.right]),
            None => (vec![right], vec![op.right]),
        };
        if let Some((args, result)) = rules.resolve_polymorphic(&actual, &declared, op.result) {
            op.result = result;
            op.right = args[args.len() - 1];
            if left.is_some() {
                op.left = args[0];
            }
        }
        op
    }

    fn operator_error(
        &self,
        name: &ast::QualifiedName,
        left: Option<TypeOid>,
        right: TypeOid,
        choice: &Choice,
        location: ast::Location,
    ) -> Error {
        let rules = self.types();
        let mut signature = left.map_or_else(String::new, |l| format!("{} ", rules.name(l)));
        signature.push_str(&name.parts.join("."));
        signature.push_str(&format!(" {}", rules.name(right)));
        let error = match (choice, left) {
            (Choice::Ambiguous, _) => err!(
                sqlstate::AMBIGUOUS_FUNCTION,
                "operator is not unique: {signature}"
            )
            .with_hint(
                "Could not choose a best candidate operator. You might need to add explicit \
                     type casts.",
            ),
            (_, None) => err!(
                sqlstate::UNDEFINED_FUNCTION,
                "operator does not exist: {signature}"
            )
            .with_hint(
                "No operator matches the given name and argument type. You might need to \
                         add an explicit type cast.",
            ),
            _ => err!(
                sqlstate::UNDEFINED_FUNCTION,
                "operator does not exist: {signature}"
            )
            .with_hint(
                "No operator matches the given name and argument types. You might need to add \
                     explicit type casts.",
            ),
        };
        self.error_at(location, error)
    }

    /// Builds the expression of a chosen operator.
    pub(super) fn apply_operator(
        &mut self,
        op: &Resolved,
        left: Option<Typed>,
        right: Typed,
        location: ast::Location,
    ) -> Result<Typed> {
        let mut at = leftmost(location, right.location);
        if let Some(left) = &left {
            at = leftmost(at, left.location);
        }
        match (&op.body, left) {
            (OperatorBody::Comparison(comparison), Some(left)) => {
                let comparison = *comparison;
                let (left, right, collation) = self.comparison_sides(op, left, right, location)?;
                let expr = Expr::Compare {
                    op: comparison,
                    left: Box::new(left.expr),
                    right: Box::new(right.expr),
                    collation,
                };
                Ok(Typed::plain(expr, at))
            }
            (OperatorBody::Function(function), left) => {
                let function = *function;
                let mut args = Vec::with_capacity(2);
                if let Some(left) = left {
                    args.push(self.implicit(left, op.left)?);
                }
                args.push(self.implicit(right, op.right)?);
                self.make_call(function, args, op.result, at, location)
            }
            (OperatorBody::Comparison(_), None) => {
                Err(Error::internal("a comparison without a left side"))
            }
        }
    }

    /// The sides of a comparison, of one type, and its collation.
    pub(super) fn comparison_sides(
        &mut self,
        op: &Resolved,
        left: Typed,
        right: Typed,
        location: ast::Location,
    ) -> Result<(Typed, Typed, crate::ir::Collation)> {
        let varchar = SqlType::new(TypeOid::VARCHAR).oid;
        let declared = (op.left, op.right);
        let original = (left.oid(), right.oid());
        // A varchar column is compared as it is: its order is text's, and an index on it is seen.
        let target = match compare_types::common(declared.0, declared.1) {
            TypeOid::TEXT if original.0 == varchar && original.1 != TypeOid::TEXT => varchar,
            TypeOid::TEXT if original.1 == varchar && original.0 != TypeOid::TEXT => varchar,
            other => other,
        };
        let left = self.compare_side(left, declared.0, target)?;
        let right = self.compare_side(right, declared.1, target)?;
        let merged = left.collation.merge(right.collation);
        let collation = merged
            .and_then(|collation| collation.resolve())
            .map_err(|error| self.error_at(location, error))?;
        Ok((left, right, collation))
    }

    /// To the declared type by the rules, then to the one that is compared.
    fn compare_side(&mut self, arg: Typed, declared: TypeOid, target: TypeOid) -> Result<Typed> {
        if self.types().base_type(arg.oid()) == target {
            return Ok(arg);
        }
        let mut arg = self.implicit(arg, declared)?;
        if arg.oid() != target {
            arg.expr = super::coerce::cast(arg.expr, target.into(), false);
        }
        Ok(arg)
    }

    /// An implicit coercion that resolution found to be possible.
    pub(super) fn implicit(&mut self, arg: Typed, target: TypeOid) -> Result<Typed> {
        let location = arg.location;
        self.coerce(arg, target.into(), CoercionContext::Implicit, location)
    }

    /// The equality operator of two types as the constructs without a symbol use it.
    pub(super) fn equality(
        &mut self,
        left: TypeOid,
        right: TypeOid,
        location: ast::Location,
    ) -> Result<Resolved> {
        let name = ast::QualifiedName {
            parts: vec!["=".into()],
            location,
        };
        self.resolve_operator(&name, Some(left), right, location)
    }
}

/// All operators of that name, comparisons first.
fn candidates(symbol: &str, prefix: bool) -> Vec<Resolved> {
    let mut all = Vec::new();
    if let Some(op) = comparison(symbol).filter(|_| !prefix) {
        all.extend(
            compare_types::pairs(op)
                .into_iter()
                .map(|(left, right)| Resolved {
                    left,
                    right,
                    result: TypeOid::BOOL,
                    body: OperatorBody::Comparison(op),
                }),
        );
    }
    let others = registry::operators(symbol)
        .into_iter()
        .filter(|op| (op.left == TypeOid::INVALID) == prefix);
    for op in others {
        if !all
            .iter()
            .any(|known| known.left == op.left && known.right == op.right)
        {
            all.push(op);
        }
    }
    all
}

/// The comparison that an operator is, if it is one.
pub(super) fn as_comparison(op: &Resolved) -> Option<Comparison> {
    match op.body {
        OperatorBody::Comparison(comparison) => Some(comparison),
        OperatorBody::Function(_) => None,
    }
}
