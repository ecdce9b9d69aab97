//! The short way of statements that are one index access: no operators, no plan tree to open.
//!
//! A [`DirectExecution`] belongs to one prepared statement of one session and is used again and
//! again; once its buffers have grown, a point read allocates nothing. What it cannot finish (a row
//! that changed under it) it leaves to the general executor, with the same result.

use std::sync::Arc;

use common::{Error, ObjectId, Result, RowId};
use types::{Batch, Datum, Physical, Vector, physical_of};

use super::context::{Context, Environment, State};
use super::eval::eval;
use super::index_scan::evaluate;
use crate::access::{IndexBounds, Judged, RowSource, WriteOutcome};
use crate::planner::direct::DirectPlan;
use crate::planner::physical::{IndexScanNode, KeySource, PhysicalPlan, Scalar, UpdateNode};

/// What a direct run came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DirectOutcome {
    /// Rows are in [`DirectExecution::rows`]; ask again.
    Rows,
    /// Finished: this many rows were written, or all rows were given.
    Done(u64),
    /// Run the plan by [`super::Execution`] instead.
    General,
}

/// See the module.
pub struct DirectExecution {
    plan: Arc<PhysicalPlan>,
    state: State,
    bounds: IndexBounds,
    lists: Vec<(usize, Vec<Datum>)>,
    /// Table positions read, in the client's order for a select.
    positions: Vec<u16>,
    classes: Vec<Physical>,
    rows: Batch,
    row_ids: Vec<RowId>,
    source: Option<Box<dyn RowSource>>,
}

impl DirectExecution {
    /// `None` if the plan has no direct form.
    pub fn new(plan: &Arc<PhysicalPlan>) -> Option<Self> {
        let (positions, classes): (Vec<u16>, Vec<Physical>) = match plan.direct.as_ref()? {
            DirectPlan::Select { scan, columns } => {
                let positions = columns.iter().map(|at| scan.positions[*at]).collect();
                let types = plan
                    .output
                    .iter()
                    .map(|(column, _)| physical_of(column.ty.oid));
                (positions, types.collect())
            }
            DirectPlan::Update { scan, update } => {
                let types = &update.source.types[..scan.positions.len()];
                let classes = types.iter().map(|ty| physical_of(ty.oid)).collect();
                (scan.positions.clone(), classes)
            }
        };
        let columns = classes
            .iter()
            .map(|class| Vector::with_capacity(*class, 1))
            .collect();
        Some(Self {
            state: State::new(plan),
            plan: plan.clone(),
            bounds: IndexBounds::default(),
            lists: Vec::new(),
            positions,
            classes,
            rows: Batch { columns, len: 0 },
            row_ids: Vec::new(),
            source: None,
        })
    }

    /// The rows of the last [`DirectOutcome::Rows`], with the client's columns.
    pub fn rows(&self) -> &Batch {
        &self.rows
    }

    /// Takes the rows out; give their batch back by [`DirectExecution::restore`] once they are read,
    /// for its buffers.
    pub fn take_rows(&mut self) -> Batch {
        std::mem::take(&mut self.rows)
    }

    /// See [`DirectExecution::take_rows`].
    pub fn restore(&mut self, rows: Batch) {
        self.rows = rows;
    }

    /// Begins a run with these parameters.
    pub fn start(
        &mut self,
        environment: &Environment<'_>,
        params: &[Datum],
    ) -> Result<DirectOutcome> {
        self.source = None;
        let plan = self.plan.clone();
        match &plan.direct {
            Some(DirectPlan::Select { scan, .. }) => self.select(scan, environment, params),
            Some(DirectPlan::Update { scan, update }) => {
                self.update(scan, update, environment, params)
            }
            None => Err(Error::internal(
                "a direct run of a plan without a direct form",
            )),
        }
    }

    /// The table and the unique index of a plan that looks up one row and does no more: then
    /// [`DirectExecution::look_up`] runs it too.
    pub fn point(&self) -> Option<(ObjectId, ObjectId)> {
        match &self.plan.direct {
            Some(DirectPlan::Select { scan, .. }) if scan.unique => Some((scan.table, scan.index)),
            _ => None,
        }
    }

    /// A run of [`DirectExecution::point`] that needs nothing of its surroundings but `find`, which
    /// is as [`crate::access::Store::lookup`] of key, columns and batch.
    pub fn look_up(
        &mut self,
        params: &[Datum],
        find: impl FnOnce(&[Datum], &[u16], &mut Batch) -> Result<Option<RowId>>,
    ) -> Result<DirectOutcome> {
        if !self.bind_point(params)? {
            return Ok(DirectOutcome::Done(0));
        }
        self.clear_rows();
        let found = find(&self.bounds.prefix, &self.positions, &mut self.rows)?;
        Ok(match found {
            Some(_) => DirectOutcome::Rows,
            None => DirectOutcome::Done(0),
        })
    }

    /// The next rows of a range after [`DirectOutcome::Rows`].
    pub fn next_rows(&mut self) -> Result<DirectOutcome> {
        let Some(source) = &mut self.source else {
            return Ok(DirectOutcome::Done(0));
        };
        if source.next_batch(&mut self.rows, &mut self.row_ids)? {
            return Ok(DirectOutcome::Rows);
        }
        self.source = None;
        Ok(DirectOutcome::Done(0))
    }

    /// Computes the bounds; false if nothing can match.
    fn bind(
        &mut self,
        scan: &IndexScanNode,
        environment: &Environment<'_>,
        params: &[Datum],
    ) -> Result<bool> {
        if scan.unique {
            return self.bind_point(params);
        }
        let mut cx = context(&self.plan, params, &mut self.state, environment);
        evaluate(&scan.range, &mut cx, &mut self.bounds, &mut self.lists)
    }

    /// [`DirectExecution::bind`] where the key is whole.
    fn bind_point(&mut self, params: &[Datum]) -> Result<bool> {
        let (Some(DirectPlan::Select { scan, .. }) | Some(DirectPlan::Update { scan, .. })) =
            &self.plan.direct
        else {
            return Err(Error::internal("a direct run without a direct form"));
        };
        self.bounds.prefix.clear();
        for key in &scan.range.prefix {
            let value = match key {
                KeySource::Equal(Scalar::Param { index, .. }) => params.get(*index),
                KeySource::Equal(Scalar::Const { value, .. }) => Some(value),
                _ => None,
            };
            let Some(value) = value else {
                return Err(Error::internal("a direct key that is not a parameter"));
            };
            if value.is_null() {
                return Ok(false);
            }
            self.bounds.prefix.push(value.clone());
        }
        Ok(true)
    }

    fn clear_rows(&mut self) {
        let fits = self
            .rows
            .columns
            .iter()
            .zip(&self.classes)
            .all(|(c, k)| c.physical() == *k);
        if fits && self.rows.columns.len() == self.classes.len() {
            self.rows.clear();
        } else {
            let columns = self
                .classes
                .iter()
                .map(|class| Vector::with_capacity(*class, 1));
            self.rows = Batch {
                columns: columns.collect(),
                len: 0,
            };
        }
    }

    fn select(
        &mut self,
        scan: &IndexScanNode,
        environment: &Environment<'_>,
        params: &[Datum],
    ) -> Result<DirectOutcome> {
        if scan.unique {
            let (store, table, index) = (environment.store, scan.table, scan.index);
            return self.look_up(params, |key, columns, out| {
                store.lookup(table, index, key, columns, out)
            });
        }
        if !self.bind(scan, environment, params)? {
            return Ok(DirectOutcome::Done(0));
        }
        self.source = Some(environment.store.index_scan(
            scan.table,
            scan.index,
            &self.positions,
            &self.bounds,
            scan.direction,
            scan.index_only,
        )?);
        self.next_rows()
    }

    fn update(
        &mut self,
        scan: &IndexScanNode,
        update: &UpdateNode,
        environment: &Environment<'_>,
        params: &[Datum],
    ) -> Result<DirectOutcome> {
        if !self.bind(scan, environment, params)? {
            return Ok(DirectOutcome::Done(0));
        }
        self.clear_rows();
        let key = &self.bounds.prefix;
        let (table, index) = (scan.table, scan.index);
        let store = environment.store;
        let Some(row) = store.lookup(table, index, key, &self.positions, &mut self.rows)? else {
            return Ok(DirectOutcome::Done(0));
        };
        let table_columns = &update.rules.rules.table.columns;
        let mut cx = context(&self.plan, params, &mut self.state, environment);
        let mut values = Batch {
            columns: Vec::with_capacity(update.assignments.len()),
            len: 1,
        };
        let mut positions: smallvec::SmallVec<[u16; 8]> = smallvec::SmallVec::new();
        for (position, scalar) in &update.assignments {
            let value = eval(scalar, &mut cx, &self.rows)?.into_owned().into_flat();
            if value.is_null(0) && table_columns[usize::from(*position)].not_null {
                // The general path makes the error, which shows the whole row.
                return Ok(DirectOutcome::General);
            }
            values.columns.push(value);
            positions.push(*position);
        }
        match store.update(table, row, &positions, &values, 0, Judged::Snapshot)? {
            WriteOutcome::Done => Ok(DirectOutcome::Done(1)),
            WriteOutcome::SelfModified | WriteOutcome::Gone => Ok(DirectOutcome::Done(0)),
            WriteOutcome::Changed => Ok(DirectOutcome::General),
        }
    }
}

fn context<'a>(
    plan: &'a Arc<PhysicalPlan>,
    params: &'a [Datum],
    state: &'a mut State,
    environment: &Environment<'a>,
) -> Context<'a> {
    Context {
        store: environment.store,
        session: environment.session,
        text: environment.text,
        plan,
        params,
        state,
    }
}
