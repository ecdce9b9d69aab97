//! A bound expression together with what only binding needs: where it stands and its collation.

use super::collation::CollationOf;
use super::scope::ItemColumn;
use crate::ir::Expr;
use parser::Location;
use types::{SqlType, TypeOid};

/// A bound expression. An untyped literal or parameter has type `unknown`.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub expr: Expr,
    /// Leftmost place of the expression in the text, as errors point to it (`exprLocation`).
    pub location: Location,
    pub collation: CollationOf,
}

impl Typed {
    /// An expression with its type's own collation.
    pub fn plain(expr: Expr, location: Location) -> Self {
        let collation = CollationOf::of_type(expr.ty().oid);
        Self {
            expr,
            location,
            collation,
        }
    }

    pub fn new(expr: Expr, location: Location, collation: CollationOf) -> Self {
        Self {
            expr,
            location,
            collation,
        }
    }

    pub fn of_column(column: &ItemColumn, location: Location) -> Self {
        Self::new(column.expr.clone(), location, column.collation)
    }

    pub fn ty(&self) -> SqlType {
        self.expr.ty()
    }

    pub fn oid(&self) -> TypeOid {
        self.expr.ty().oid
    }

    pub fn is_unknown(&self) -> bool {
        self.oid() == TypeOid::UNKNOWN
    }
}

/// The location that lies further left; none counts as no location at all.
pub(super) fn leftmost(a: Location, b: Location) -> Location {
    match (a.byte_offset(), b.byte_offset()) {
        (Some(x), Some(y)) => {
            if x <= y {
                a
            } else {
                b
            }
        }
        (Some(_), None) => a,
        _ => b,
    }
}
