//! Questions about types and names that the analysis of DDL asks the binder.

use super::binder::Binder;
use super::collation::{collation_by_name, is_collatable, type_collation};
use super::context::Notice;
use super::type_rules::CoercionContext;
use super::typed::Typed;
use crate::ir::Expr;
use common::{ObjectId, Result, err, sqlstate};
use parser as ast;
use types::{SqlType, TypeOid};

impl Binder<'_> {
    /// The notices so far.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// The collation of a column of that type, declared or not; 0 where the type has none.
    pub fn column_collation(
        &self,
        oid: TypeOid,
        name: Option<&ast::QualifiedName>,
    ) -> Result<ObjectId> {
        let Some(name) = name else {
            return Ok(type_collation(oid));
        };
        if !is_collatable(oid) {
            let error = err!(
                sqlstate::DATATYPE_MISMATCH,
                "collations are not supported by type {}",
                self.types().name(oid)
            );
            return Err(self.error_at(name.location, error));
        }
        collation_by_name(&name.parts).map_err(|error| self.error_at(name.location, error))
    }

    /// True if there is an equality between the types.
    pub fn can_compare(&mut self, left: TypeOid, right: TypeOid) -> bool {
        let found = self.equality(left, right, ast::Location::NONE);
        found.is_ok_and(|op| super::operator::as_comparison(&op).is_some())
    }

    /// True if an index can be made over values of the type.
    pub fn can_order(&self, oid: TypeOid) -> bool {
        let base = self.types().base_type(oid);
        let element = self.types().element_type(base).unwrap_or(base);
        super::compare_types::is_orderable(element)
    }

    /// The value cast as an assignment would; `None` where there is no such cast.
    pub fn assign_cast(&mut self, value: Expr, target: SqlType) -> Result<Option<Expr>> {
        let none = ast::Location::NONE;
        let value = Typed::plain(value, none);
        let done = self.coerce_to_target(value, target, CoercionContext::Assignment, none)?;
        Ok(done.map(|d| d.expr))
    }
}

/// True for `ctid` and its like.
pub(crate) fn is_system_column(name: &str) -> bool {
    super::columns::system_column(name).is_some()
}
