//! The binder's door: a statement of the tree to a bound query.

use super::binder::Binder;
use super::context::{BindContext, Notice};
use super::params::ParamTypes;
use super::subquery::BoundQuery;
use crate::ir::{OutputColumn, Query};
use common::{Error, ObjectId, Result};
use parser as ast;

/// A bound statement and what its plan depends on.
#[derive(Debug)]
pub struct Bound {
    pub query: Query,
    pub notices: Vec<Notice>,
    /// Relations mentioned by name; a plan is good while their versions are. What a view mentions
    /// is not listed, the view is.
    pub relations: Vec<ObjectId>,
    /// A literal was read by the session's time zone, date style or clock: the plan is good for
    /// these settings, and for this transaction if the literal said `now`.
    pub depends_on_settings: bool,
}

/// Binds a SELECT, VALUES, INSERT, UPDATE or DELETE.
pub fn bind_statement(
    cx: &BindContext<'_>,
    statement: &ast::Statement,
    params: ParamTypes<'_>,
) -> Result<Bound> {
    let mut binder = Binder::new(cx);
    binder.declare_params(params);
    let bound = match statement {
        ast::Statement::Query(query) => binder.bind_query(query)?,
        ast::Statement::Insert(insert) => binder.bind_insert(insert)?,
        ast::Statement::Update(update) => binder.bind_update(update)?,
        ast::Statement::Delete(delete) => binder.bind_delete(delete)?,
        ast::Statement::Merge(_) => return Err(Error::not_implemented("MERGE")),
        _ => return Err(Error::internal("a statement that is not bound to a plan")),
    };
    binder.finish(bound)
}

impl Binder<'_> {
    /// Closes the statement: parameters have types, the output is described.
    pub(super) fn finish(self, bound: BoundQuery) -> Result<Bound> {
        let params = self.param_types()?;
        let output = bound
            .columns
            .into_iter()
            .map(|c| OutputColumn {
                id: c.id,
                name: c.name,
                ty: c.ty,
                origin: c.origin,
            })
            .collect();
        let mut relations: Vec<ObjectId> = self.references.iter().map(|(oid, _)| *oid).collect();
        relations.dedup();
        Ok(Bound {
            query: Query {
                root: bound.plan,
                columns: self.columns,
                output,
                params,
            },
            notices: self.notices,
            relations,
            depends_on_settings: self.depends_on_settings,
        })
    }
}
