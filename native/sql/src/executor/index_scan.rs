//! Reads a table by an index.

use std::sync::Arc;

use common::{Result, RowId};
use types::{Batch, Datum, Vector};

use super::context::Context;
use super::eval::{elements_of, eval_once};
use super::filter::apply;
use super::operator::Operator;
use super::table_scan::{add_system, give_one, overridden};
use crate::access::{Bound, IndexBounds, RowSource};
use crate::planner::physical::{BoundSource, IndexScanNode, KeyRange, KeySource};

pub struct IndexScan {
    node: Arc<IndexScanNode>,
    source: Option<Box<dyn RowSource>>,
    bounds: IndexBounds,
    /// Lists of values of the prefix still to be probed: `probes[i]` of each key, and where we are.
    lists: Vec<(usize, Vec<Datum>)>,
    turn: Vec<usize>,
    row_ids: Vec<RowId>,
    state: ScanState,
    classes: Vec<types::Physical>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ScanState {
    Fresh,
    Running,
    Done,
}

impl IndexScan {
    pub fn new(node: Arc<IndexScanNode>) -> Self {
        Self {
            node,
            source: None,
            bounds: IndexBounds::default(),
            lists: Vec::new(),
            turn: Vec::new(),
            row_ids: Vec::new(),
            state: ScanState::Fresh,
            classes: Vec::new(),
        }
    }

    /// Evaluates the bounds and opens the source; false if nothing can match.
    fn start(&mut self, cx: &mut Context<'_>) -> Result<bool> {
        self.lists.clear();
        self.turn.clear();
        let node = self.node.clone();
        if !evaluate(&node.range, cx, &mut self.bounds, &mut self.lists)? {
            return Ok(false);
        }
        self.turn.resize(self.lists.len(), 0);
        self.set_turn();
        if node.unique && self.lists.is_empty() {
            return Ok(true);
        }
        self.open(cx)?;
        Ok(true)
    }

    fn set_turn(&mut self) {
        for ((key, list), at) in self.lists.iter().zip(&self.turn) {
            self.bounds.prefix[*key] = list[*at].clone();
        }
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<()> {
        match &mut self.source {
            Some(source) => source.restart(&self.bounds),
            None => {
                let node = &self.node;
                self.source = Some(cx.store.index_scan(
                    node.table,
                    node.index,
                    given(node),
                    &self.bounds,
                    node.direction,
                    node.index_only,
                )?);
                Ok(())
            }
        }
    }

    /// Goes to the next combination of the lists; false after the last.
    fn next_turn(&mut self) -> bool {
        for at in (0..self.turn.len()).rev() {
            self.turn[at] += 1;
            if self.turn[at] < self.lists[at].1.len() {
                self.set_turn();
                return true;
            }
            self.turn[at] = 0;
        }
        false
    }

    /// The one row of a unique key, without opening a source.
    fn lookup(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        let node = &self.node;
        let positions = given(node);
        if self.classes.is_empty() && !positions.is_empty() {
            self.classes = super::table_scan::column_classes(cx, node.table, positions)?;
        }
        if out.columns.len() == self.classes.len()
            && out
                .columns
                .iter()
                .zip(&self.classes)
                .all(|(c, class)| c.physical() == *class)
        {
            out.clear();
        } else {
            let columns = self
                .classes
                .iter()
                .map(|class| Vector::with_capacity(*class, 1));
            *out = Batch {
                columns: columns.collect(),
                len: 0,
            };
        }
        let key = &self.bounds.prefix;
        let found = cx
            .store
            .lookup(node.table, node.index, key, positions, out)?;
        self.state = ScanState::Done;
        let Some(row) = found else { return Ok(false) };
        self.row_ids.clear();
        self.row_ids.push(row);
        add_system(out, &node.system, node.table, &self.row_ids);
        Ok(true)
    }

    fn next_range(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        loop {
            let Some(source) = &mut self.source else {
                return Ok(false);
            };
            if source.next_batch(out, &mut self.row_ids)? {
                add_system(out, &self.node.system, self.node.table, &self.row_ids);
                return Ok(true);
            }
            if !self.next_turn() {
                return Ok(false);
            }
            self.open(cx)?;
        }
    }
}

/// The columns of the rows that are given.
fn given(node: &IndexScanNode) -> &[u16] {
    match node.is_counted {
        true => &[],
        false => &node.positions,
    }
}

impl Operator for IndexScan {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        let node = self.node.clone();
        if let (Some(found), true) = (overridden(cx, node.scan), self.state == ScanState::Fresh) {
            self.state = ScanState::Done;
            give_one(cx, node.table, &node.positions, &node.system, found, out)?;
            for condition in node.index_condition.iter().chain(&node.filter) {
                if !out.is_empty() {
                    apply(condition, cx, out)?;
                }
            }
            return Ok(!out.is_empty());
        }
        if self.state == ScanState::Fresh {
            self.state = ScanState::Running;
            if !self.start(cx)? {
                self.state = ScanState::Done;
            }
        }
        while self.state == ScanState::Running {
            let single = node.unique && self.lists.is_empty();
            let more = if single {
                self.lookup(cx, out)?
            } else {
                self.next_range(cx, out)?
            };
            if !more {
                break;
            }
            cx.poll()?;
            if let Some(filter) = &node.filter {
                apply(filter, cx, out)?;
            }
            if !out.is_empty() {
                return Ok(true);
            }
        }
        self.state = ScanState::Done;
        out.clear();
        Ok(false)
    }

    fn restart(&mut self, _: &mut Context<'_>) -> Result<()> {
        self.state = ScanState::Fresh;
        Ok(())
    }
}

/// Computes the bounds; false if a null or an empty list makes them match nothing.
pub fn evaluate(
    range: &KeyRange,
    cx: &mut Context<'_>,
    bounds: &mut IndexBounds,
    lists: &mut Vec<(usize, Vec<Datum>)>,
) -> Result<bool> {
    bounds.prefix.clear();
    for (at, key) in range.prefix.iter().enumerate() {
        let value = match key {
            KeySource::Equal(scalar) => match eval_once(scalar, cx)? {
                Datum::Null => return Ok(false),
                value => value,
            },
            KeySource::IsNull => Datum::Null,
            KeySource::AnyOf(list, ty) => {
                let list = distinct(list.clone(), *ty);
                if list.is_empty() {
                    return Ok(false);
                }
                lists.push((at, list));
                Datum::Null
            }
            KeySource::AnyArray(scalar) => {
                let ty = scalar.ty();
                let element = types::element_of(ty.oid).unwrap_or(ty.oid).into();
                let array = eval_once(scalar, cx)?;
                let list = distinct(elements_of(array.as_ref(), element)?, element);
                if list.is_empty() {
                    return Ok(false);
                }
                lists.push((at, list));
                Datum::Null
            }
        };
        bounds.prefix.push(value);
    }
    bounds.not_null = range.not_null;
    for (source, bound) in [
        (&range.lower, &mut bounds.lower),
        (&range.upper, &mut bounds.upper),
    ] {
        *bound = match source {
            None => None,
            Some(source) => match end(source, cx)? {
                Some(bound) => Some(bound),
                None => return Ok(false),
            },
        };
    }
    Ok(true)
}

/// One end; nothing if a value of it is null.
fn end(source: &BoundSource, cx: &mut Context<'_>) -> Result<Option<Bound>> {
    let mut values = smallvec::SmallVec::new();
    for scalar in &source.values {
        match eval_once(scalar, cx)? {
            Datum::Null => return Ok(None),
            value => values.push(value),
        }
    }
    Ok(Some(Bound {
        values,
        inclusive: source.inclusive,
    }))
}

/// Without nulls and duplicates, in order.
fn distinct(mut list: Vec<Datum>, ty: types::SqlType) -> Vec<Datum> {
    list.retain(|value| !value.is_null());
    list.sort_by(|a, b| types::compare(ty.oid, a.as_ref(), b.as_ref()));
    list.dedup_by(|a, b| types::compare(ty.oid, a.as_ref(), b.as_ref()).is_eq());
    list
}
