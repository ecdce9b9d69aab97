//! Expressions over rows outside of any plan: keys and predicates of indexes, defaults, rewrites of
//! ALTER TABLE.

use std::sync::Arc;

use common::Result;
use types::{Batch, Datum, TextContext, Vector};

use super::constant::Nowhere;
use super::context::{Context, State};
use super::eval::eval;
use crate::access::Session;
use crate::ir::{ColumnId, Expr};
use crate::planner::compile_alone;
use crate::planner::physical::{PhysicalPlan, Scalar};

/// Compiled expressions, reusable and shared between threads.
#[derive(Debug, Clone)]
pub struct RowExpressions {
    scalars: Vec<Scalar>,
    plan: Arc<PhysicalPlan>,
}

impl RowExpressions {
    /// `columns` are the ids of the rows' columns, in order (of a table's rules: 0, 1, 2, ...).
    pub fn compile(exprs: &[Expr], columns: &[ColumnId]) -> Result<Self> {
        let compile = |expr: &Expr| compile_alone(expr, columns);
        let scalars = exprs.iter().map(compile).collect::<Result<_>>()?;
        Ok(Self {
            scalars,
            plan: Arc::new(PhysicalPlan::empty()),
        })
    }

    /// Each expression's values for the rows. `None`: session functions are errors.
    pub fn eval(
        &self,
        rows: &Batch,
        text: &TextContext,
        session: Option<&dyn Session>,
    ) -> Result<Vec<Vector>> {
        let mut state = State::new(&self.plan);
        let params: &[Datum] = &[];
        let mut cx = Context {
            store: &Nowhere,
            session: session.unwrap_or(&Nowhere),
            text,
            plan: &self.plan,
            params,
            state: &mut state,
        };
        let mut columns = Vec::with_capacity(self.scalars.len());
        for scalar in &self.scalars {
            columns.push(eval(scalar, &mut cx, rows)?.into_owned());
        }
        Ok(columns)
    }
}
