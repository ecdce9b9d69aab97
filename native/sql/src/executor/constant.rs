//! Evaluates expressions while planning, where there is neither a store nor a session.

use std::sync::Arc;

use common::{Error, ObjectId, Result, RowId};
use types::{Batch, Datum, TextContext};

use super::context::{Context, State};
use super::eval::eval_once;
use crate::access::{
    ColumnPredicate, DeferredCheck, Direction, Fetched, IndexBounds, InsertOutcome, Isolation,
    Judged, LockOutcome, LockStrength, RowRange, RowSource, Session, SessionFunction, Store,
    WaitPolicy, WriteOutcome,
};
use crate::ir::{Expr, TableRules};
use crate::planner::compile_alone;
use crate::planner::physical::PhysicalPlan;

/// The value of an expression without columns, parameters, subqueries and session functions.
/// Settings that casts may read are the defaults: leave out what depends on them.
pub fn evaluate_constant(expr: &Expr) -> Result<Datum> {
    let scalar = compile_alone(expr, &[])?;
    let plan = Arc::new(PhysicalPlan::empty());
    let mut state = State::new(&plan);
    let text = TextContext::default();
    let mut cx = Context {
        store: &Nowhere,
        session: &Nowhere,
        text: &text,
        plan: &plan,
        params: &[],
        state: &mut state,
    };
    eval_once(&scalar, &mut cx)
}

/// A database that answers nothing.
pub struct Nowhere;

fn no<T>() -> Result<T> {
    Err(Error::internal("an expression reached for the database"))
}

impl Session for Nowhere {
    fn call(&self, _: SessionFunction, _: &[Datum]) -> Result<Datum> {
        no()
    }
}

impl Store for Nowhere {
    fn scan(
        &self,
        _: ObjectId,
        _: &[u16],
        _: &[ColumnPredicate],
        _: RowRange,
    ) -> Result<Box<dyn RowSource>> {
        no()
    }
    fn index_scan(
        &self,
        _: ObjectId,
        _: ObjectId,
        _: &[u16],
        _: &IndexBounds,
        _: Direction,
        _: bool,
    ) -> Result<Box<dyn RowSource>> {
        no()
    }
    fn lookup(
        &self,
        _: ObjectId,
        _: ObjectId,
        _: &[Datum],
        _: &[u16],
        _: &mut Batch,
    ) -> Result<Option<RowId>> {
        no()
    }
    fn fetch(&self, _: ObjectId, _: RowId, _: &[u16], _: &mut Batch) -> Result<Fetched> {
        no()
    }
    fn fetch_newest(&self, _: ObjectId, _: RowId, _: &[u16], _: &mut Batch) -> Result<Fetched> {
        no()
    }
    fn insert(&self, _: ObjectId, _: &Batch, _: &mut Vec<RowId>) -> Result<()> {
        no()
    }
    fn insert_unless_conflict(
        &self,
        _: ObjectId,
        _: &Batch,
        _: usize,
        _: &[ObjectId],
    ) -> Result<InsertOutcome> {
        no()
    }
    fn update(
        &self,
        _: ObjectId,
        _: RowId,
        _: &[u16],
        _: &Batch,
        _: usize,
        _: Judged,
    ) -> Result<WriteOutcome> {
        no()
    }
    fn delete(&self, _: ObjectId, _: RowId, _: Judged) -> Result<WriteOutcome> {
        no()
    }
    fn lock_row(
        &self,
        _: ObjectId,
        _: RowId,
        _: LockStrength,
        _: WaitPolicy,
    ) -> Result<LockOutcome> {
        no()
    }
    fn rules(&self, _: ObjectId) -> Result<Arc<TableRules>> {
        no()
    }
    fn lock_key(&self, _: ObjectId, _: ObjectId, _: &[Datum]) -> Result<bool> {
        no()
    }
    fn newest(&self) -> Result<Arc<dyn Store>> {
        no()
    }
    fn is_deferred(&self, _: ObjectId) -> bool {
        false
    }
    fn defer(&self, _: DeferredCheck) -> Result<()> {
        no()
    }
    fn isolation(&self) -> Isolation {
        Isolation::ReadCommitted
    }
    fn charge(&self, _: usize) -> Result<()> {
        Ok(())
    }
    fn release(&self, _: usize) {}
    fn poll(&self) -> Result<()> {
        Ok(())
    }
}
