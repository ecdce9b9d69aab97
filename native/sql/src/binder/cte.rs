//! WITH: common table expressions, recursive ones and data-modifying ones (`parse_cte.c`).

use super::binder::Binder;
use super::scope::{CteColumn, CteEntry, CteState};
use super::subquery::{BoundColumn, BoundQuery};
use crate::ir::{CteDef, CteId, Expr, Plan, Project, RecursiveUnion};
use common::{Error, Result, err, sqlstate};
use parser as ast;

impl Binder<'_> {
    /// Binds the definitions; they stay visible in the level.
    pub(super) fn bind_with(&mut self, with: &ast::WithClause) -> Result<Vec<CteDef>> {
        for (at, cte) in with.ctes.iter().enumerate() {
            if with.ctes[..at].iter().any(|other| other.name == cte.name) {
                let error = err!(
                    sqlstate::DUPLICATE_ALIAS,
                    "WITH query name \"{}\" specified more than once",
                    cte.name
                );
                return Err(self.error_at(cte.location, error));
            }
            if cte.search.is_some() || cte.cycle.is_some() {
                let error = Error::not_implemented("SEARCH or CYCLE of a recursive query");
                return Err(self.error_at(cte.location, error));
            }
            let id = CteId(self.next_cte);
            self.next_cte += 1;
            self.level().ctes.push(CteEntry {
                name: cte.name.clone(),
                id,
                columns: Vec::new(),
                state: CteState::Pending,
            });
        }
        let first = self.level().ctes.len() - with.ctes.len();
        let mut definitions = Vec::with_capacity(with.ctes.len());
        for (at, cte) in with.ctes.iter().enumerate() {
            self.add_chain_link()?;
            definitions.push(self.bind_cte(cte, first + at, with.recursive)?);
        }
        Ok(definitions)
    }

    fn bind_cte(&mut self, cte: &ast::Cte, at: usize, recursive: bool) -> Result<CteDef> {
        let id = self.level().ctes[at].id;
        let (bound, returning) = match &cte.query {
            ast::CteQuery::Query(query) if recursive && refers(query, &cte.name) => {
                return self.bind_recursive(cte, query, at);
            }
            ast::CteQuery::Query(query) => (self.bind_query(query)?, true),
            ast::CteQuery::Insert(insert) => {
                self.check_top_level(cte)?;
                (self.bind_insert(insert)?, !insert.returning.is_empty())
            }
            ast::CteQuery::Update(update) => {
                self.check_top_level(cte)?;
                (self.bind_update(update)?, !update.returning.is_empty())
            }
            ast::CteQuery::Delete(delete) => {
                self.check_top_level(cte)?;
                (self.bind_delete(delete)?, !delete.returning.is_empty())
            }
            ast::CteQuery::Merge(_) => {
                let error = Error::new(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    "MERGE not supported in WITH query",
                );
                return Err(self.error_at(cte.location, error));
            }
        };
        let columns = self.cte_columns(cte, &bound.columns)?;
        let ids = bound.columns.iter().map(|c| c.id).collect();
        let entry = &mut self.level().ctes[at];
        entry.columns = columns;
        entry.state = if returning {
            CteState::Ready
        } else {
            CteState::WithoutReturning
        };
        Ok(CteDef {
            id,
            name: cte.name.clone(),
            plan: bound.plan,
            columns: ids,
            materialized: cte.materialized,
        })
    }

    fn check_top_level(&self, cte: &ast::Cte) -> Result<()> {
        if self.levels.len() <= 1 && self.view_depth == 0 {
            return Ok(());
        }
        let message = "WITH clause containing a data-modifying statement must be at the top level";
        let error = Error::new(sqlstate::FEATURE_NOT_SUPPORTED, message);
        Err(self.error_at(cte.location, error))
    }

    fn cte_columns(&self, cte: &ast::Cte, bound: &[BoundColumn]) -> Result<Vec<CteColumn>> {
        if cte.columns.len() > bound.len() {
            let error = err!(
                sqlstate::INVALID_COLUMN_REFERENCE,
                "WITH query \"{}\" has {} columns available but {} columns specified",
                cte.name,
                bound.len(),
                cte.columns.len()
            );
            return Err(self.error_at(cte.location, error));
        }
        let column = |(at, c): (usize, &BoundColumn)| CteColumn {
            name: cte.columns.get(at).unwrap_or(&c.name).clone(),
            ty: c.ty,
            collation: c.collation,
            origin: c.origin,
        };
        Ok(bound.iter().enumerate().map(column).collect())
    }

    /// `base UNION [ALL] step`, where only the step refers to the CTE.
    fn bind_recursive(&mut self, cte: &ast::Cte, query: &ast::Query, at: usize) -> Result<CteDef> {
        let shape = || {
            let error = err!(
                sqlstate::INVALID_RECURSION,
                "recursive query \"{}\" does not have the form non-recursive-term UNION [ALL] \
                 recursive-term",
                cte.name
            );
            self.error_at(cte.location, error)
        };
        let ast::QueryBody::SetOp(op) = &query.body else {
            return Err(shape());
        };
        if op.op != ast::SetOperator::Union {
            return Err(shape());
        }
        let refused = if !query.order_by.is_empty() {
            Some("ORDER BY in a recursive query is not implemented")
        } else if query.offset.is_some() {
            Some("OFFSET in a recursive query is not implemented")
        } else if query.limit.is_some() {
            Some("LIMIT in a recursive query is not implemented")
        } else if !query.locking.is_empty() {
            Some("FOR UPDATE/SHARE in a recursive query is not implemented")
        } else {
            None
        };
        if let Some(message) = refused {
            let error = Error::new(sqlstate::FEATURE_NOT_SUPPORTED, message);
            return Err(self.error_at(cte.location, error));
        }
        let (bases, step) = op.inputs.split_at(op.inputs.len() - 1);
        if let Some(base) = bases.iter().find(|base| refers(base, &cte.name)) {
            let error = err!(
                sqlstate::INVALID_RECURSION,
                "recursive reference to query \"{}\" must not appear within its non-recursive term",
                cte.name
            );
            return Err(self.error_at(mention_of(base, &cte.name), error));
        }
        let outer = match &query.with {
            Some(_) => return Err(Error::not_implemented("WITH inside a recursive query")),
            None => self.level().ctes[at].id,
        };
        let base = match bases {
            [one] => self.bind_query(one)?,
            several => {
                let op = ast::SetOp {
                    op: op.op,
                    all: op.all,
                    inputs: several.to_vec(),
                };
                self.bind_nested_set_op(&op)?
            }
        };
        let columns = self.cte_columns(cte, &base.columns)?;
        let entry = &mut self.level().ctes[at];
        entry.columns.clone_from(&columns);
        entry.state = CteState::Recursive;
        let step_query = &step[0];
        let step = self.bind_query(step_query)?;
        let step = self.match_step(cte, &base, step, &bases[0])?;
        self.level().ctes[at].state = CteState::Ready;
        let ids: Vec<_> = columns
            .iter()
            .map(|c| self.columns.add(cte.name.clone(), c.name.clone(), c.ty))
            .collect();
        let plan = Plan::RecursiveUnion(Box::new(RecursiveUnion {
            cte: outer,
            all: op.all,
            base_columns: base.columns.iter().map(|c| c.id).collect(),
            base: base.plan,
            step_columns: step.columns.iter().map(|c| c.id).collect(),
            step: step.plan,
            columns: ids.clone(),
        }));
        Ok(CteDef {
            id: outer,
            name: cte.name.clone(),
            plan,
            columns: ids,
            materialized: Some(true),
        })
    }

    fn bind_nested_set_op(&mut self, op: &ast::SetOp) -> Result<BoundQuery> {
        let query = ast::Query {
            with: None,
            body: ast::QueryBody::SetOp(Box::new(op.clone())),
            order_by: Vec::new(),
            limit: None,
            offset: None,
            with_ties: false,
            locking: Vec::new(),
        };
        self.bind_query(&query)
    }

    /// The step's columns must have the base's types already, or fit them without loss.
    fn match_step(
        &mut self,
        cte: &ast::Cte,
        base: &BoundQuery,
        step: BoundQuery,
        query: &ast::Query,
    ) -> Result<BoundQuery> {
        let location = super::values::first_location(query);
        if base.columns.len() != step.columns.len() {
            let message = "each UNION query must have the same number of columns";
            return Err(self.error_at(location, Error::new(sqlstate::SYNTAX_ERROR, message)));
        }
        let mut list = Vec::with_capacity(step.columns.len());
        let mut columns = Vec::with_capacity(step.columns.len());
        for (at, (b, s)) in base.columns.iter().zip(&step.columns).enumerate() {
            let (left, right) = (b.typed(location), s.typed(location));
            let common = self.common_type(&[&left, &right], "UNION")?;
            if common != b.ty.oid || (s.ty.typmod != b.ty.typmod && s.ty.oid == b.ty.oid) {
                let (have, want) = (self.types().name_of(b.ty), {
                    let typmod = if s.ty == b.ty { b.ty.typmod } else { -1 };
                    self.types()
                        .name_of(types::SqlType::with_typmod(common, typmod))
                });
                let error = err!(
                    sqlstate::DATATYPE_MISMATCH,
                    "recursive query \"{}\" column {} has type {have} in non-recursive term but \
                     type {want} overall",
                    cte.name,
                    at + 1
                )
                .with_hint("Cast the output of the non-recursive term to the correct type.");
                return Err(self.error_at(location, error));
            }
            let value = self.coerce_to_common(right, common, "UNION")?;
            let id = self.columns.add_computed(s.name.clone(), b.ty);
            columns.push(BoundColumn {
                id,
                ty: b.ty,
                ..s.clone()
            });
            list.push((id, value.expr));
        }
        let same = |(_, e): &(_, Expr)| e.as_column().is_some();
        if list.iter().all(same) {
            return Ok(step);
        }
        let input = step.plan;
        let project = Project {
            input,
            columns: list,
            set_returning: Vec::new(),
        };
        Ok(BoundQuery::new(Plan::Project(Box::new(project)), columns))
    }

    /// A recursive reference counts; PostgreSQL allows one in the step.
    pub(super) fn note_self_reference(&mut self, id: CteId, location: ast::Location) -> Result<()> {
        if self.self_references.contains(&id) {
            let name = self
                .levels
                .iter()
                .flat_map(|l| &l.ctes)
                .find(|c| c.id == id);
            let name = name.map_or("", |c| c.name.as_str());
            let error = err!(
                sqlstate::INVALID_RECURSION,
                "recursive reference to query \"{name}\" must not appear more than once"
            );
            return Err(self.error_at(location, error));
        }
        self.self_references.push(id);
        Ok(())
    }
}

/// True if a query mentions a relation of that bare name anywhere.
fn refers(query: &ast::Query, name: &str) -> bool {
    super::ast_walk::query_mentions(query, name)
}

/// Where a query first mentions a relation of that bare name.
fn mention_of(query: &ast::Query, name: &str) -> ast::Location {
    let mut found = ast::Location::NONE;
    super::ast_walk::query(query, &mut |table| {
        if found.byte_offset().is_none() && table.name.schema.is_none() && table.name.name == name {
            found = table.name.location;
        }
    });
    found
}
