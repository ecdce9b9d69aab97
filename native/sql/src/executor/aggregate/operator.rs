//! The operator: collects all input, then gives the groups.

use std::collections::VecDeque;
use std::sync::Arc;

use common::Result;
use types::{BATCH_ROWS, Batch, Datum, SqlType, Vector, physical_of};

use super::call::{CallInput, CallState};
use super::group_table::GroupTable;
use crate::executor::context::Context;
use crate::executor::eval::{DecimalProgram, Decimals, eval};
use crate::executor::keys::KeyMaker;
use crate::executor::operator::{Operator, open};
use crate::executor::packed_keys::KeySide;
use crate::executor::spill::{LEVELS_MAX, Partitions, Spilled, SpilledRows, is_full};
use crate::planner::physical::{AggregateNode, AggregateSpec, Scalar};

/// See the module. Where a grouping does not fit into `work_mem`, rows of groups that are not there
/// yet go to temporary files by the hash of their key; each file is grouped by itself after the
/// groups in memory were given.
pub struct Aggregate {
    node: Arc<AggregateNode>,
    input: Box<dyn Operator>,
    sets: Vec<GroupSet>,
    /// Sort and distinct keys of each call, where it has them.
    orders: Vec<Option<KeyMaker>>,
    distincts: Vec<Option<KeyMaker>>,
    /// The arguments that are decimals, and which is each call's.
    program: DecimalProgram,
    decimals: Vec<Option<usize>>,
    filled: bool,
    /// The next group to give: set and number.
    at: (usize, u32),
    /// How often the rows were dealt out before they came here.
    level: u32,
    spilling: Option<Partitions>,
    parts: VecDeque<(SpilledRows, u32)>,
    current: Option<Box<Aggregate>>,
    written: Spilled,
}

/// What a call gets of a batch.
enum Input<'b> {
    Values(CallInput),
    /// Of a call for which [`AggregateSpec::takes_decimals`] holds.
    Decimals(&'b Decimals),
}

/// The groups of one grouping set.
struct GroupSet {
    side: KeySide,
    /// Positions of the set's keys among all keys.
    keys: Vec<usize>,
    table: GroupTable,
    /// The key values of each group.
    values: Vec<Vector>,
    calls: Vec<CallState>,
    count: usize,
    /// Charged for the table and the key values.
    held_bytes: usize,
}

impl Aggregate {
    pub fn new(node: Arc<AggregateNode>) -> Self {
        let input = open(&node.input);
        Self::over(node, input, 0)
    }

    /// The aggregate of this input in place of the node's own.
    fn over(node: Arc<AggregateNode>, input: Box<dyn Operator>, level: u32) -> Self {
        let order = |spec: &AggregateSpec| {
            (!spec.order_by.is_empty()).then(|| KeyMaker::sort(&spec.order_by))
        };
        let distinct = |spec: &AggregateSpec| {
            spec.distinct
                .then(|| KeyMaker::group(&spec.args, &spec.arg_types))
        };
        let mut program = DecimalProgram::default();
        let decimal = |spec: &AggregateSpec| match spec.args.as_slice() {
            [arg] if spec.takes_decimals() => program.add(arg),
            _ => None,
        };
        Self {
            decimals: node.calls.iter().map(decimal).collect(),
            program,
            input,
            sets: Vec::new(),
            orders: node.calls.iter().map(order).collect(),
            distincts: node.calls.iter().map(distinct).collect(),
            filled: false,
            at: (0, 0),
            level,
            spilling: None,
            parts: VecDeque::new(),
            current: None,
            written: Spilled {
                batches: 1,
                disk_bytes: 0,
            },
            node,
        }
    }

    fn start(&mut self, cx: &Context<'_>) {
        let node = &self.node;
        let column = |at: &usize| Scalar::Column {
            position: *at,
            ty: node.key_types[*at],
        };
        let set = |keys: &Vec<usize>| {
            let scalars: Vec<Scalar> = keys.iter().map(column).collect();
            let types: Vec<SqlType> = keys.iter().map(|at| node.key_types[*at]).collect();
            let side = KeySide::grouping(&scalars, &types);
            GroupSet {
                keys: keys.clone(),
                table: GroupTable::new(side.is_packed()),
                side,
                values: types
                    .iter()
                    .map(|ty| Vector::new(physical_of(ty.oid)))
                    .collect(),
                calls: node
                    .calls
                    .iter()
                    .map(|spec| CallState::new(spec, cx.text))
                    .collect(),
                // A set without keys has its one group even of no row.
                count: usize::from(keys.is_empty()),
                held_bytes: 0,
            }
        };
        self.sets = node.sets.iter().map(set).collect();
    }

    fn fill(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.start(cx);
        let mut batch = Batch::default();
        let node = self.node.clone();
        while self.input.next(cx, &mut batch)? {
            cx.poll()?;
            let mut keys = self.key_columns(cx, &batch)?;
            if self.must_spill(cx, &batch) {
                self.spilling = Some(Partitions::new(self.level));
            }
            if self.spilling.is_some() {
                batch = self.spill_new(cx, batch, &keys)?;
                keys = self.key_columns(cx, &batch)?;
            }
            let decimals = self.program.run(&batch);
            let mut inputs = Vec::with_capacity(node.calls.len());
            for (at, spec) in node.calls.iter().enumerate() {
                if let Some(values) = self.decimals[at].and_then(|at| decimals[at].as_ref()) {
                    inputs.push(Input::Decimals(values));
                    continue;
                }
                let (order, distinct) = (self.orders[at].as_ref(), self.distincts[at].as_ref());
                inputs.push(Input::Values(CallInput::new(
                    spec, order, distinct, cx, &batch,
                )?));
            }
            for set in &mut self.sets {
                set.update(&node, cx, &keys, &inputs)?;
            }
        }
        if let Some(spilling) = self.spilling.take() {
            self.end_spill(cx, spilling)?;
        }
        for set in &mut self.sets {
            for (spec, call) in node.calls.iter().zip(&mut set.calls) {
                call.complete(spec, cx, set.count)?;
            }
        }
        self.filled = true;
        Ok(())
    }

    fn key_columns(&self, cx: &mut Context<'_>, batch: &Batch) -> Result<Batch> {
        let mut columns = Vec::with_capacity(self.node.keys.len());
        for key in &self.node.keys {
            columns.push(eval(key, cx, batch)?.into_owned());
        }
        Ok(Batch {
            columns,
            len: batch.len,
        })
    }

    /// True when the groups fill the memory. Several grouping sets share their input: they stay.
    fn must_spill(&self, cx: &Context<'_>, batch: &Batch) -> bool {
        let [set] = self.sets.as_slice() else {
            return false;
        };
        if self.spilling.is_some() || self.level >= LEVELS_MAX || set.keys.is_empty() {
            return false;
        }
        let states: usize = set.calls.iter().map(CallState::held_bytes).sum();
        let more = set.table.growth_bytes(batch.len) + batch.memory_bytes();
        set.count > 0 && is_full(cx, set.held_bytes + states, more)
    }

    /// Writes the rows of new groups out; gives those of known ones.
    fn spill_new(&mut self, cx: &mut Context<'_>, batch: Batch, keys: &Batch) -> Result<Batch> {
        let (Some(spilling), [set]) = (&mut self.spilling, self.sets.as_slice()) else {
            return Ok(batch);
        };
        let keys = set.side.keys(cx, keys)?;
        let known = set.table.has(&keys);
        let rows = 0..batch.len as u32;
        let (hits, misses): (Vec<u32>, Vec<u32>) = rows.partition(|row| known[*row as usize]);
        if misses.is_empty() {
            return Ok(batch);
        }
        let hashes: Vec<u64> = keys.hashes().collect();
        let hashes = misses.iter().map(|row| hashes[*row as usize]);
        spilling.append(cx, &batch.gather(&misses), hashes)?;
        Ok(batch.gather(&hits))
    }

    fn end_spill(&mut self, cx: &mut Context<'_>, spilling: Partitions) -> Result<()> {
        let files = spilling.finish(cx)?;
        let all: u64 = files.iter().map(SpilledRows::rows).sum();
        for file in files.into_iter().filter(|file| file.rows() > 0) {
            self.written.disk_bytes += file.disk_bytes();
            // Rows that did not part now are of few groups, or of one.
            let level = if file.rows() == all {
                LEVELS_MAX
            } else {
                self.level + 1
            };
            self.parts.push_back((file, level));
        }
        Ok(())
    }

    /// Gives the groups of the files, one after the other.
    fn next_part(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        loop {
            if let Some(part) = &mut self.current {
                if part.next(cx, out)? {
                    return Ok(true);
                }
                self.written.add(part.written);
                part.release(cx);
                self.current = None;
            }
            let Some((file, level)) = self.parts.pop_front() else {
                out.clear();
                return Ok(false);
            };
            let reader = Box::new(file.into_reader());
            self.current = Some(Box::new(Self::over(self.node.clone(), reader, level)));
        }
    }

    /// Gives all memory back.
    fn release(&mut self, cx: &mut Context<'_>) {
        for mut set in self.sets.drain(..) {
            cx.release(set.held_bytes);
            set.calls.iter_mut().for_each(|call| call.release(cx));
        }
        if let Some(mut part) = self.current.take() {
            part.release(cx);
        }
        self.parts.clear();
        self.spilling = None;
    }
}

impl GroupSet {
    fn update(
        &mut self,
        node: &AggregateNode,
        cx: &mut Context<'_>,
        keys: &Batch,
        inputs: &[Input<'_>],
    ) -> Result<()> {
        if self.keys.is_empty() {
            let zeroes = vec![0; keys.len];
            for ((spec, call), input) in node.calls.iter().zip(&mut self.calls).zip(inputs) {
                let input = match input {
                    Input::Decimals(values) => {
                        call.update_decimals(cx, values, None, keys.len, 1)?;
                        continue;
                    }
                    Input::Values(input) => input,
                };
                if !call.update_all(spec, cx, input, keys.len)? {
                    call.update(spec, cx, input, &zeroes, 1)?;
                }
            }
            return Ok(());
        }
        let words = self.side.keys(cx, keys)?;
        let mut groups = Vec::with_capacity(keys.len);
        let Self {
            values,
            keys: places,
            table,
            ..
        } = self;
        table.insert(cx, &words, &mut groups, |row| {
            for (column, at) in values.iter_mut().zip(&*places) {
                column.append_from(&keys.columns[*at], row);
            }
        })?;
        self.count = self.table.len();
        self.account(cx)?;
        for ((spec, call), input) in node.calls.iter().zip(&mut self.calls).zip(inputs) {
            match input {
                Input::Decimals(values) => {
                    call.update_decimals(cx, values, Some(&groups), keys.len, self.count)?;
                }
                Input::Values(input) => call.update(spec, cx, input, &groups, self.count)?,
            }
        }
        Ok(())
    }

    /// Charges what table and key values grew by.
    fn account(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let values: usize = self.values.iter().map(Vector::memory_bytes).sum();
        let now = self.table.memory_bytes() + values;
        if now > self.held_bytes {
            cx.charge(now - self.held_bytes)?;
            self.held_bytes = now;
        }
        Ok(())
    }

    /// Groups `from..to` as rows.
    fn give(&self, node: &AggregateNode, cx: &Context<'_>, from: u32, to: u32) -> Result<Batch> {
        let len = (to - from) as usize;
        let mut columns = Vec::new();
        for (at, ty) in node.key_types.iter().enumerate() {
            let physical = physical_of(ty.oid);
            columns.push(match self.keys.iter().position(|key| *key == at) {
                Some(own) => self.values[own].slice(from as usize, len),
                None => Vector::nulls_of(physical, len),
            });
        }
        for (spec, call) in node.calls.iter().zip(&self.calls) {
            let mut column = Vector::with_capacity(physical_of(spec.ty.oid), len);
            for group in from..to {
                column.push(call.finish(spec, cx, group)?.as_ref());
            }
            columns.push(column);
        }
        for list in &node.grouping {
            // One bit a key, the last key lowest: set if the key is not part of this set.
            let bits = list.iter().fold(0, |bits, key| {
                bits << 1 | i32::from(!self.keys.contains(key))
            });
            columns.push(Vector::constant(Datum::I32(bits), len));
        }
        Ok(Batch { columns, len })
    }
}

impl Operator for Aggregate {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        if !self.filled {
            self.fill(cx)?;
        }
        while let Some(set) = self.sets.get(self.at.0) {
            let from = self.at.1;
            let to = (from as usize + BATCH_ROWS).min(set.count) as u32;
            if from == to {
                self.at = (self.at.0 + 1, 0);
                continue;
            }
            *out = set.give(&self.node, cx, from, to)?;
            self.at.1 = to;
            return Ok(true);
        }
        if self.current.is_none() && self.parts.is_empty() {
            out.clear();
            return Ok(false);
        }
        // The groups in memory were given: their place is for those of the files.
        for mut set in self.sets.drain(..) {
            cx.release(set.held_bytes);
            set.calls.iter_mut().for_each(|call| call.release(cx));
        }
        self.next_part(cx, out)
    }

    fn restart(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.release(cx);
        self.filled = false;
        self.at = (0, 0);
        self.written = Spilled {
            batches: 1,
            disk_bytes: 0,
        };
        self.input.restart(cx)
    }

    fn spilled(&self) -> Option<Spilled> {
        (!self.node.keys.is_empty()).then_some(self.written)
    }
}
