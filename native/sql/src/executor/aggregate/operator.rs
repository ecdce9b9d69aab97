//! The operator: collects all input, then gives the groups.

use std::sync::Arc;

use common::Result;
use types::{BATCH_ROWS, Batch, Datum, SqlType, Vector, physical_of};

use super::call::{CallInput, CallState};
use crate::executor::context::Context;
use crate::executor::eval::eval;
use crate::executor::key_table::{KeyTable, Slot};
use crate::executor::keys::KeyMaker;
use crate::executor::operator::{Operator, open};
use crate::planner::physical::{AggregateNode, Scalar};

pub struct Aggregate {
    node: Arc<AggregateNode>,
    input: Box<dyn Operator>,
    sets: Vec<GroupSet>,
    /// Sort and distinct keys of each call, where it has them.
    orders: Vec<Option<KeyMaker>>,
    distincts: Vec<Option<KeyMaker>>,
    filled: bool,
    /// The next group to give: set and number.
    at: (usize, u32),
}

/// The groups of one grouping set.
struct GroupSet {
    maker: KeyMaker,
    /// Positions of the set's keys among all keys.
    keys: Vec<usize>,
    table: KeyTable,
    /// The key values of each group.
    values: Vec<Vector>,
    calls: Vec<CallState>,
    count: usize,
}

impl Aggregate {
    pub fn new(node: Arc<AggregateNode>) -> Self {
        let order = |spec: &crate::planner::physical::AggregateSpec| {
            (!spec.order_by.is_empty()).then(|| KeyMaker::sort(&spec.order_by))
        };
        let distinct = |spec: &crate::planner::physical::AggregateSpec| {
            spec.distinct
                .then(|| KeyMaker::group(&spec.args, &spec.arg_types))
        };
        Self {
            input: open(&node.input),
            sets: Vec::new(),
            orders: node.calls.iter().map(order).collect(),
            distincts: node.calls.iter().map(distinct).collect(),
            filled: false,
            at: (0, 0),
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
            GroupSet {
                maker: KeyMaker::group(&scalars, &types),
                keys: keys.clone(),
                table: KeyTable::default(),
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
            let mut keys = Batch {
                columns: Vec::with_capacity(node.keys.len()),
                len: batch.len,
            };
            for key in &node.keys {
                keys.columns.push(eval(key, cx, &batch)?.into_owned());
            }
            let mut inputs = Vec::with_capacity(node.calls.len());
            for (at, spec) in node.calls.iter().enumerate() {
                let (order, distinct) = (self.orders[at].as_ref(), self.distincts[at].as_ref());
                inputs.push(CallInput::new(spec, order, distinct, cx, &batch)?);
            }
            for set in &mut self.sets {
                set.update(&node, cx, &keys, &inputs)?;
            }
        }
        for set in &mut self.sets {
            for (spec, call) in node.calls.iter().zip(&mut set.calls) {
                call.complete(spec, cx, set.count)?;
            }
        }
        self.filled = true;
        Ok(())
    }
}

impl GroupSet {
    fn update(
        &mut self,
        node: &AggregateNode,
        cx: &mut Context<'_>,
        keys: &Batch,
        inputs: &[CallInput],
    ) -> Result<()> {
        if self.keys.is_empty() {
            let zeroes = vec![0; keys.len];
            for ((spec, call), input) in node.calls.iter().zip(&mut self.calls).zip(inputs) {
                if !call.update_all(spec, cx, input, keys.len)? {
                    call.update(spec, cx, input, &zeroes, 1)?;
                }
            }
            return Ok(());
        }
        let bytes = self.maker.keys(cx, keys)?;
        let mut groups = Vec::with_capacity(keys.len);
        for row in 0..keys.len {
            let slot = self.table.insert(bytes.get(row))?;
            if let Slot::New(_) = slot {
                for (column, at) in self.values.iter_mut().zip(&self.keys) {
                    column.append_from(&keys.columns[*at], row);
                }
            }
            groups.push(slot.number());
        }
        let grown = self.table.len() - self.count;
        cx.charge(grown * 16 * self.keys.len())?;
        self.table.account(cx)?;
        self.count = self.table.len();
        for ((spec, call), input) in node.calls.iter().zip(&mut self.calls).zip(inputs) {
            call.update(spec, cx, input, &groups, self.count)?;
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
        out.clear();
        Ok(false)
    }

    fn restart(&mut self, cx: &mut Context<'_>) -> Result<()> {
        for set in &mut self.sets {
            cx.release(set.count * 16 * set.keys.len());
            set.table.clear(cx);
            set.calls.iter_mut().for_each(|call| call.release(cx));
        }
        self.sets.clear();
        self.filled = false;
        self.at = (0, 0);
        self.input.restart(cx)
    }
}
