//! Hash join: keeps the right side's rows in a table, streams the left side.

use std::sync::Arc;

use common::Result;
use types::{BATCH_ROWS, Batch, SqlType};

use super::context::Context;
use super::eval::eval;
use super::key_table::KeyTable;
use super::keys::KeyMaker;
use super::operator::{Operator, open};
use super::rows::{Rows, null_columns};
use crate::ir::JoinKind;
use crate::planner::physical::HashJoinNode;

const END: u32 = u32::MAX;

pub struct HashJoin {
    node: Arc<HashJoinNode>,
    left: Box<dyn Operator>,
    right: Box<dyn Operator>,
    left_maker: KeyMaker,
    right_maker: KeyMaker,
    table: KeyTable,
    /// First row of each key, next row of each row: rows of a key in reverse order of arrival.
    heads: Vec<u32>,
    nexts: Vec<u32>,
    rows: Rows,
    /// Right rows that found a partner; for right and full joins.
    matched: Vec<bool>,
    built: bool,
    probe: Probe,
    /// The next right row to look at for the unmatched ones, after the left side ended.
    unmatched: usize,
    left_done: bool,
    /// Rows that did not fit into the last batch.
    rest: Option<Batch>,
}

/// The left batch being joined, and how far.
#[derive(Default)]
struct Probe {
    batch: Batch,
    /// The first candidate of each row.
    heads: Vec<u32>,
    row: usize,
    candidate: Option<u32>,
    /// Left rows that found a partner.
    matched: Vec<bool>,
    active: bool,
}

impl HashJoin {
    pub fn new(node: Arc<HashJoinNode>) -> Self {
        Self {
            left: open(&node.left),
            right: open(&node.right),
            left_maker: KeyMaker::group(&node.left_keys, &node.key_types),
            right_maker: KeyMaker::group(&node.right_keys, &node.key_types),
            node,
            table: KeyTable::default(),
            heads: Vec::new(),
            nexts: Vec::new(),
            rows: Rows::default(),
            matched: Vec::new(),
            built: false,
            probe: Probe::default(),
            unmatched: 0,
            left_done: false,
            rest: None,
        }
    }

    fn build(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let keeps_all = matches!(self.node.kind, JoinKind::Right | JoinKind::Full);
        let mut batch = Batch::default();
        while self.right.next(cx, &mut batch)? {
            cx.poll()?;
            let keys = self.right_maker.keys(cx, &batch)?;
            for row in 0..batch.len {
                let at = self.nexts.len() as u32;
                if keys.has_null(row) {
                    // It joins nothing, but an outer join gives it at the end.
                    self.nexts.push(END);
                    continue;
                }
                let number = self.table.insert(keys.get(row))?.number() as usize;
                if number == self.heads.len() {
                    self.heads.push(END);
                }
                self.nexts
                    .push(std::mem::replace(&mut self.heads[number], at));
            }
            cx.charge(batch.len * 8)?;
            self.table.account(cx)?;
            self.rows.append(cx, std::mem::take(&mut batch))?;
        }
        if keeps_all {
            self.matched = vec![false; self.rows.len()];
        }
        self.built = true;
        Ok(())
    }

    fn next_left(&mut self, cx: &mut Context<'_>) -> Result<bool> {
        let probe = &mut self.probe;
        if !self.left.next(cx, &mut probe.batch)? {
            return Ok(false);
        }
        cx.poll()?;
        let keys = self.left_maker.keys(cx, &probe.batch)?;
        probe.heads.clear();
        for row in 0..probe.batch.len {
            let number = if keys.has_null(row) {
                None
            } else {
                self.table.find(keys.get(row))
            };
            probe
                .heads
                .push(number.map_or(END, |number| self.heads[number as usize]));
        }
        probe.matched.clear();
        probe.matched.resize(probe.batch.len, false);
        probe.row = 0;
        probe.candidate = None;
        probe.active = true;
        Ok(true)
    }

    /// The next candidate pairs, at most a batch; true if the left batch is used up.
    fn candidates(&mut self, left: &mut Vec<u32>, right: &mut Vec<u32>) -> bool {
        let probe = &mut self.probe;
        // Without another condition the first match is enough for semi and anti joins.
        let one = self.node.condition.is_none()
            && matches!(self.node.kind, JoinKind::Semi | JoinKind::Anti);
        while probe.row < probe.batch.len {
            let mut at = probe.candidate.take().unwrap_or(probe.heads[probe.row]);
            while at != END {
                if left.len() == BATCH_ROWS {
                    probe.candidate = Some(at);
                    return false;
                }
                left.push(probe.row as u32);
                right.push(at);
                at = if one { END } else { self.nexts[at as usize] };
            }
            probe.row += 1;
        }
        true
    }

    /// Left and right columns of the pairs that satisfy the condition, which they are cut down to.
    fn pairs(
        &mut self,
        cx: &mut Context<'_>,
        left: &mut Vec<u32>,
        right: &mut Vec<u32>,
    ) -> Result<Option<Batch>> {
        let existence = matches!(self.node.kind, JoinKind::Semi | JoinKind::Anti);
        if existence && self.node.condition.is_none() {
            return Ok(None);
        }
        let mut joined = self.probe.batch.gather(left);
        self.rows.gather_into(right, &mut joined.columns);
        if let Some(condition) = &self.node.condition {
            let verdict = eval(condition, cx, &joined)?;
            let keep = match super::filter::selected(&verdict) {
                super::filter::Selection::All => None,
                super::filter::Selection::None => Some(Vec::new()),
                super::filter::Selection::Some(rows) => Some(rows),
            };
            drop(verdict);
            if let Some(keep) = keep {
                joined = joined.gather(&keep);
                *left = keep.iter().map(|at| left[*at as usize]).collect();
                *right = keep.iter().map(|at| right[*at as usize]).collect();
            }
        }
        Ok(Some(joined))
    }

    /// Left rows of the finished batch that the join gives by themselves.
    fn leftover(&mut self) -> Option<Batch> {
        let wanted = match self.node.kind {
            JoinKind::Left | JoinKind::Full | JoinKind::Anti => false,
            JoinKind::Semi => true,
            JoinKind::Inner | JoinKind::Right => return None,
        };
        let matched = &self.probe.matched;
        let rows: Vec<u32> = (0..matched.len() as u32)
            .filter(|row| matched[*row as usize] == wanted)
            .collect();
        if rows.is_empty() {
            return None;
        }
        let mut batch = self.probe.batch.gather(&rows);
        if matches!(self.node.kind, JoinKind::Left | JoinKind::Full) {
            batch
                .columns
                .extend(null_columns(&self.node.right.types, rows.len()));
        }
        Some(batch)
    }

    fn next_unmatched(&mut self, out: &mut Batch) -> bool {
        let mut rows = Vec::new();
        while self.unmatched < self.matched.len() && rows.len() < BATCH_ROWS {
            if !self.matched[self.unmatched] {
                rows.push(self.unmatched as u32);
            }
            self.unmatched += 1;
        }
        if rows.is_empty() {
            return false;
        }
        let left: &[SqlType] = &self.node.left.types;
        let mut columns: Vec<_> = null_columns(left, rows.len()).collect();
        self.rows.gather_into(&rows, &mut columns);
        *out = Batch {
            columns,
            len: rows.len(),
        };
        true
    }

    fn mark(&mut self, left: &[u32], right: &[u32]) {
        for row in left {
            self.probe.matched[*row as usize] = true;
        }
        if !self.matched.is_empty() {
            for row in right {
                self.matched[*row as usize] = true;
            }
        }
    }

    /// True if no left row can give anything.
    fn is_empty_anyway(&self) -> bool {
        self.rows.is_empty()
            && matches!(
                self.node.kind,
                JoinKind::Inner | JoinKind::Semi | JoinKind::Right
            )
    }
}

impl Operator for HashJoin {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        if !self.built {
            self.build(cx)?;
        }
        if self.is_empty_anyway() {
            out.clear();
            return Ok(false);
        }
        if let Some(rest) = self.rest.take() {
            *out = rest;
            return Ok(true);
        }
        while !self.left_done {
            if !self.probe.active && !self.next_left(cx)? {
                self.left_done = true;
                break;
            }
            let (mut left, mut right) = (Vec::new(), Vec::new());
            let used_up = self.candidates(&mut left, &mut right);
            let joined = if left.is_empty() {
                None
            } else {
                self.pairs(cx, &mut left, &mut right)?
            };
            self.mark(&left, &right);
            let existence = matches!(self.node.kind, JoinKind::Semi | JoinKind::Anti);
            if used_up {
                self.probe.active = false;
                let leftover = self.leftover();
                let joined = joined.filter(|batch| !existence && !batch.is_empty());
                *out = match (joined, leftover) {
                    (Some(mut joined), Some(rest)) if joined.len + rest.len <= BATCH_ROWS => {
                        joined.append_all(&rest);
                        joined
                    }
                    (Some(joined), Some(rest)) => {
                        self.rest = Some(rest);
                        joined
                    }
                    (Some(batch), None) | (None, Some(batch)) => batch,
                    (None, None) => continue,
                };
                return Ok(true);
            }
            if let (Some(joined), false) = (joined, existence)
                && !joined.is_empty()
            {
                *out = joined;
                return Ok(true);
            }
            cx.poll()?;
        }
        if self.next_unmatched(out) {
            return Ok(true);
        }
        out.clear();
        Ok(false)
    }

    fn restart(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.table.clear(cx);
        self.heads.clear();
        cx.release(self.nexts.len() * 8);
        self.nexts.clear();
        self.rows.clear(cx);
        self.matched.clear();
        self.built = false;
        self.probe = Probe::default();
        self.unmatched = 0;
        self.left_done = false;
        self.rest = None;
        self.left.restart(cx)?;
        self.right.restart(cx)
    }
}
