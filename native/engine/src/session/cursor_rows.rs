//! The rows of a cursor, and where it stands (PostgreSQL's pquery.c, PortalRunFetch and below).
//!
//! A cursor stands before its first row, on a row, or after its last one. It begins as a stream: rows
//! come from the running plan and are gone. The first step backward runs the plan again, with the
//! same snapshot, and keeps its rows in a spool from then on; of a plan that could give them in
//! another order the second time they are kept from the start. At the commit a cursor WITH HOLD takes
//! what is left into the spool and lets the plan go.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use common::{Error, Result, sqlstate};
use parser::{Fetch, FetchDirection};
use sql::ir::OutputColumn;
use sql::planner::physical::{Node, NodeKind};
use types::{Batch, Datum};

use super::portal::{Halt, QueryRun, SLICE_ROWS};
use super::result_sink::{CopyShape, ResultSink};
use super::row_spool::RowSpool;
use crate::store::TempFiles;

/// See the module.
pub struct Cursor {
    pub output: Arc<[OutputColumn]>,
    /// It may go backward.
    pub is_scroll: bool,
    /// It survives its transaction.
    pub is_hold: bool,
    params: Vec<Datum>,
    /// What gives more rows; None when all are in the spool.
    source: Option<Box<QueryRun>>,
    spool: Option<RowSpool>,
    /// Rows before those of the spool, which nobody can come back to.
    spool_base: u64,
    budget_bytes: usize,
    /// Rows up to where it stands; the row it stands on is the last of them.
    position: u64,
    is_before: bool,
    is_after: bool,
}

/// One motion of a FETCH or MOVE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// To before the first row.
    Rewind,
    /// Over so many rows, or all.
    Forward(Option<u64>),
    Backward(Option<u64>),
}

/// The motions that a FETCH or MOVE is made of; the last one's rows are its answer, and their number
/// what its tag says, unless that is given.
#[derive(Debug, PartialEq, Eq)]
pub struct Route {
    pub motions: VecDeque<Motion>,
    pub count: Option<u64>,
}

impl Route {
    fn new(motions: impl IntoIterator<Item = Motion>) -> Self {
        Self {
            motions: motions.into_iter().collect(),
            count: None,
        }
    }
}

/// Whether a cursor that says neither SCROLL nor NO SCROLL goes backward: where that is cheap
/// (PostgreSQL's ExecSupportsBackwardScan).
pub fn runs_backward(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Sort(_)) || through_simple(node, runs_backward)
}

/// Whether the plan gives the same rows in the same order when it runs again.
pub fn is_repeatable(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Sort(sort) => is_repeatable(&sort.input),
        _ => through_simple(node, is_repeatable),
    }
}

fn through_simple(node: &Node, test: fn(&Node) -> bool) -> bool {
    match &node.kind {
        NodeKind::OneRow
        | NodeKind::Empty
        | NodeKind::TableScan(_)
        | NodeKind::IndexScan(_)
        | NodeKind::FunctionScan(_)
        | NodeKind::Values(_) => true,
        NodeKind::Project(project) => project.sets.is_empty() && test(&project.input),
        NodeKind::Filter(filter) => test(&filter.input),
        NodeKind::Limit(limit) => test(&limit.input),
        NodeKind::Append(append) => append.inputs.iter().all(|(input, _)| test(input)),
        _ => false,
    }
}

impl Cursor {
    /// A cursor over what has begun to run; None: it has ended. `keeps_rows`: from the first on.
    pub fn new(
        source: Option<Box<QueryRun>>,
        output: Arc<[OutputColumn]>,
        params: Vec<Datum>,
        budget_bytes: usize,
        keeps_rows: bool,
    ) -> Self {
        Self {
            output,
            is_scroll: false,
            is_hold: false,
            params,
            is_before: source.is_some(),
            is_after: source.is_none(),
            source,
            spool: keeps_rows.then(|| RowSpool::new(budget_bytes)),
            spool_base: 0,
            budget_bytes,
            position: 0,
        }
    }

    /// Bytes of rows in memory, about.
    pub fn memory_bytes(&self) -> usize {
        self.spool.as_ref().map_or(0, RowSpool::memory_bytes)
    }

    /// What a FETCH or MOVE has to do from here.
    pub fn route(&self, fetch: &Fetch) -> Route {
        use Motion::{Backward, Forward, Rewind};
        let number = fetch.count.unsigned_abs();
        match fetch.direction {
            FetchDirection::Absolute if fetch.count > 0 => self.to_row(number),
            FetchDirection::Absolute if fetch.count < 0 => {
                let back = (number > 1).then_some(Backward(Some(number - 1)));
                let to_end = [Forward(None)].into_iter().chain(back);
                Route::new(to_end.chain([Backward(Some(1))]))
            }
            FetchDirection::Absolute => Route::new([Rewind, Forward(Some(0))]),
            FetchDirection::Relative if fetch.count > 0 => {
                Route::new([Forward(Some(number - 1)), Forward(Some(1))])
            }
            FetchDirection::Relative if fetch.count < 0 => {
                let back = (number > 1).then_some(Backward(Some(number - 1)));
                Route::new(back.into_iter().chain([Backward(Some(1))]))
            }
            _ if fetch.count == 0 => self.stay(fetch.is_move),
            direction => {
                let is_all = fetch.count == parser::FETCH_ALL;
                let count = (!is_all).then_some(number);
                let is_forward = (direction != FetchDirection::Backward) == (fetch.count > 0);
                match is_forward {
                    true => Route::new([Forward(count)]),
                    false if is_all && fetch.is_move => {
                        let on_last = u64::from(self.position > 0 && !self.is_after);
                        Route {
                            count: Some(self.position - on_last),
                            ..Route::new([Rewind])
                        }
                    }
                    false => Route::new([Backward(count)]),
                }
            }
        }
    }

    /// FETCH ABSOLUTE of a row: from the start where that is nearer.
    fn to_row(&self, row: u64) -> Route {
        use Motion::{Backward, Forward, Rewind};
        let here = self.position + u64::from(self.is_after);
        if row - 1 <= self.position / 2 {
            return Route::new([Rewind, Forward(Some(row - 1)), Forward(Some(1))]);
        }
        let way = match row {
            row if row <= here => Some(Backward(Some(here - row + 1))),
            row if row > here + 1 => Some(Forward(Some(row - here - 1))),
            _ => None,
        };
        Route::new(way.into_iter().chain([Forward(Some(1))]))
    }

    /// FETCH 0 gives the row that the cursor stands on again; MOVE 0 says whether it stands on one.
    fn stay(&self, is_move: bool) -> Route {
        use Motion::{Backward, Forward};
        let is_on_row = !self.is_before && !self.is_after;
        match (is_move, is_on_row) {
            (true, _) => Route {
                count: Some(u64::from(is_on_row)),
                ..Route::new([])
            },
            (false, true) => Route::new([Backward(Some(1)), Forward(Some(1))]),
            (false, false) => Route::new([Forward(Some(0))]),
        }
    }

    /// Begins a motion; 55000 where the cursor only goes forward.
    pub fn begin(&mut self, motion: Motion, files: &TempFiles) -> Result<()> {
        let is_back = match motion {
            Motion::Forward(_) => false,
            Motion::Backward(_) => true,
            Motion::Rewind => !self.is_before || self.is_after,
        };
        if is_back && !self.is_scroll {
            let message = "cursor can only scan forward";
            return Err(
                Error::new(sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE, message)
                    .with_hint("Declare it with SCROLL option to enable backward scan."),
            );
        }
        if is_back && (!self.is_before || self.is_after) {
            self.keep_rows(files)?;
        }
        if motion == Motion::Rewind {
            (self.position, self.is_before, self.is_after) = (0, true, false);
        }
        Ok(())
    }

    /// Goes on with a motion; rows go to `sink`. `left` counts down, `done` up.
    pub fn go_on(
        &mut self,
        motion: Motion,
        left: &mut Option<u64>,
        done: &mut u64,
        sink: &mut dyn ResultSink,
        files: &TempFiles,
    ) -> Result<Halt> {
        match motion {
            Motion::Rewind => Ok(Halt::Enough),
            Motion::Forward(count) => {
                if self.is_after || count == Some(0) {
                    return Ok(Halt::Enough);
                }
                let halt = match self.spool.is_some() {
                    true => self.forward_in_spool(left, done, sink, files)?,
                    false => self.forward_in_stream(left, done, sink)?,
                };
                if !matches!(halt, Halt::Full) {
                    self.is_before &= *done == 0;
                    self.is_after = matches!(halt, Halt::End);
                }
                Ok(halt)
            }
            Motion::Backward(count) => {
                if (self.is_before && !self.is_after) || count == Some(0) {
                    return Ok(Halt::Enough);
                }
                let halt = self.backward(left, done, sink)?;
                if matches!(halt, Halt::End) {
                    (self.position, self.is_before) = (0, true);
                }
                Ok(halt)
            }
        }
    }

    fn forward_in_stream(
        &mut self,
        left: &mut Option<u64>,
        done: &mut u64,
        sink: &mut dyn ResultSink,
    ) -> Result<Halt> {
        let Some(query) = &mut self.source else {
            return Ok(Halt::End);
        };
        query.continue_cursor();
        let halt = query.send(sink, left)?;
        *done += query.sent();
        self.position += query.sent();
        Ok(halt)
    }

    fn forward_in_spool(
        &mut self,
        left: &mut Option<u64>,
        done: &mut u64,
        sink: &mut dyn ResultSink,
        files: &TempFiles,
    ) -> Result<Halt> {
        loop {
            if *left == Some(0) {
                return Ok(Halt::Enough);
            }
            if sink.is_full() {
                return Ok(Halt::Full);
            }
            let row = self.position - self.spool_base;
            let spool = self.spool.as_mut();
            let spool = spool.ok_or_else(|| Error::internal("the rows are kept"))?;
            if row >= spool.rows() {
                if !self.pull(files)? {
                    return Ok(Halt::End);
                }
                continue;
            }
            let (batch, from) = spool.read(row)?;
            let room = left.map_or(usize::MAX, |left| {
                usize::try_from(left).unwrap_or(usize::MAX)
            });
            let count = (batch.len - from).min(SLICE_ROWS).min(room);
            sink.rows(&self.output, batch, from..from + count)?;
            self.position += count as u64;
            *done += count as u64;
            if let Some(left) = left {
                *left -= count as u64;
            }
        }
    }

    fn backward(
        &mut self,
        left: &mut Option<u64>,
        done: &mut u64,
        sink: &mut dyn ResultSink,
    ) -> Result<Halt> {
        loop {
            if *left == Some(0) {
                return Ok(Halt::Enough);
            }
            let here = self.position + u64::from(self.is_after);
            if here <= 1 {
                return Ok(Halt::End);
            }
            if sink.is_full() {
                return Ok(Halt::Full);
            }
            let spool = self.spool.as_mut();
            let spool = spool.ok_or_else(|| Error::internal("the rows are kept"))?;
            let (batch, at) = spool.read(here - 2 - self.spool_base)?;
            sink.rows(&self.output, batch, at..at + 1)?;
            (self.position, self.is_after) = (here - 1, false);
            *done += 1;
            if let Some(left) = left {
                *left -= 1;
            }
        }
    }

    /// From a stream to rows that can be read again.
    fn keep_rows(&mut self, files: &TempFiles) -> Result<()> {
        if self.spool.is_some() {
            return Ok(());
        }
        if let Some(query) = self.source.take() {
            self.source = Some(Box::new(query.again(self.params.clone())?));
        }
        self.spool = Some(RowSpool::new(self.budget_bytes));
        while self.kept() < self.position && self.pull(files)? {}
        Ok(())
    }

    fn kept(&self) -> u64 {
        self.spool.as_ref().map_or(0, RowSpool::rows)
    }

    /// Takes more rows into the spool; false where there are none.
    fn pull(&mut self, files: &TempFiles) -> Result<bool> {
        let (Some(query), Some(spool)) = (&mut self.source, &mut self.spool) else {
            return Ok(false);
        };
        let mut batch = Batch::default();
        let has_more = query.next_batch(&mut batch)?;
        if has_more {
            spool.append(batch, files)?;
        } else {
            self.source = None;
        }
        Ok(has_more)
    }

    /// The transaction commits: takes all that can still be asked for, and lets the plan go.
    pub fn hold(&mut self, files: &TempFiles) -> Result<()> {
        if self.is_scroll {
            self.keep_rows(files)?;
        } else if self.spool.is_none() {
            self.spool = Some(RowSpool::new(self.budget_bytes));
            self.spool_base = self.position;
        }
        if !self.is_after || self.is_scroll {
            while self.pull(files)? {}
        }
        self.source = None;
        Ok(())
    }
}

/// Where rows go that a cursor passes over.
pub struct Nowhere;

impl ResultSink for Nowhere {
    fn columns(&mut self, _: &[OutputColumn]) {}

    fn rows(&mut self, _: &[OutputColumn], _: &Batch, _: Range<usize>) -> Result<()> {
        Ok(())
    }

    fn is_full(&self) -> bool {
        false
    }

    fn complete(&mut self, _: &str) {}

    fn empty(&mut self) {}

    fn suspended(&mut self) {}

    fn copy_in(&mut self, _: CopyShape) {}

    fn copy_out(&mut self, _: CopyShape) {}

    fn copy_data(&mut self, _: &[u8]) {}

    fn copy_done(&mut self) {}
}
