//! The operator.

use std::sync::Arc;

use common::Result;
use types::{BATCH_ROWS, Batch, SqlType};

use super::spilled::SpilledJoin;
use super::table::{END, JoinTable};
use crate::executor::context::Context;
use crate::executor::eval::eval;
use crate::executor::filter::{Selection, selected};
use crate::executor::operator::{Operator, open};
use crate::executor::packed_keys::KeySide;
use crate::executor::rows::{Rows, null_columns};
use crate::executor::spill::{LEVELS_MAX, Spilled, is_full};
use crate::ir::JoinKind;
use crate::planner::physical::HashJoinNode;

/// Entries of lists that are looked at between two polls.
const STEPS_MAX: usize = 32 * 1024;

/// See the module.
pub struct HashJoin {
    pub(super) node: Arc<HashJoinNode>,
    pub(super) left: Box<dyn Operator>,
    pub(super) right: Box<dyn Operator>,
    pub(super) left_keys: KeySide,
    pub(super) right_keys: KeySide,
    table: JoinTable,
    /// The next row with the key of each row.
    nexts: Vec<u32>,
    pub(super) rows: Rows,
    /// Right rows that found a partner; where the join gives right rows by themselves.
    matched: Vec<bool>,
    matched_count: usize,
    built: bool,
    probe: Probe,
    /// The next right row to look at for those that are given by themselves, after the left side
    /// ended.
    given: usize,
    left_done: bool,
    /// Rows that did not fit into the last batch.
    rest: Option<Batch>,
    /// Charged for table, lists and marks.
    held_bytes: usize,
    /// How often the rows were dealt out before they came here.
    pub(super) level: u32,
    spilled: Option<SpilledJoin>,
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
        let (left, right) = (open(&node.left), open(&node.right));
        Self::over(node, left, right, 0)
    }

    /// The join of these inputs in place of the node's own.
    pub(super) fn over(
        node: Arc<HashJoinNode>,
        left: Box<dyn Operator>,
        right: Box<dyn Operator>,
        level: u32,
    ) -> Self {
        let left_keys = KeySide::new(&node.left_keys, &node.key_types);
        let right_keys = KeySide::new(&node.right_keys, &node.key_types);
        Self {
            left,
            right,
            table: JoinTable::new(right_keys.is_packed()),
            left_keys,
            right_keys,
            node,
            nexts: Vec::new(),
            rows: Rows::default(),
            matched: Vec::new(),
            matched_count: 0,
            built: false,
            probe: Probe::default(),
            given: 0,
            left_done: false,
            rest: None,
            held_bytes: 0,
            level,
            spilled: None,
        }
    }

    /// Semi and anti joins: no right column is given, or, flipped, no left one.
    fn is_existence(&self) -> bool {
        matches!(self.node.kind, JoinKind::Semi | JoinKind::Anti)
    }

    fn build(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let keeps_marks =
            matches!(self.node.kind, JoinKind::Right | JoinKind::Full) || self.node.flipped;
        let mut batch = Batch::default();
        while self.right.next(cx, &mut batch)? {
            cx.poll()?;
            let held = self.rows.held_bytes() + self.held_bytes;
            let more = batch.memory_bytes() + self.table.growth_bytes(batch.len) + batch.len * 8;
            if self.level < LEVELS_MAX && is_full(cx, held, more) {
                self.spilled = Some(SpilledJoin::new(self, cx, batch)?);
                break;
            }
            let keys = self.right_keys.keys(cx, &batch)?;
            self.table.insert(cx, &keys, &mut self.nexts)?;
            self.rows.append(cx, std::mem::take(&mut batch))?;
            self.account(cx)?;
        }
        if keeps_marks {
            self.matched = vec![false; self.rows.len()];
        }
        self.built = true;
        Ok(())
    }

    /// Charges what table and lists grew by.
    fn account(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let now = self.table.memory_bytes() + self.nexts.capacity() * 4 + self.nexts.len();
        if now > self.held_bytes {
            cx.charge(now - self.held_bytes)?;
            self.held_bytes = now;
        }
        Ok(())
    }

    /// Gives all memory back.
    pub(super) fn release(&mut self, cx: &mut Context<'_>) {
        self.table = JoinTable::new(self.right_keys.is_packed());
        self.nexts = Vec::new();
        self.rows.clear(cx);
        self.matched = Vec::new();
        cx.release(std::mem::take(&mut self.held_bytes));
    }

    fn next_left(&mut self, cx: &mut Context<'_>) -> Result<bool> {
        let probe = &mut self.probe;
        if !self.left.next(cx, &mut probe.batch)? {
            return Ok(false);
        }
        cx.poll()?;
        let keys = self.left_keys.keys(cx, &probe.batch)?;
        self.table.find(&keys, &mut probe.heads)?;
        probe.matched.clear();
        probe.matched.resize(probe.batch.len, false);
        probe.row = 0;
        probe.candidate = None;
        probe.active = true;
        Ok(true)
    }

    /// Flipped and without another condition: marks all rows of each key that the left batch has.
    fn mark_keys(&mut self, cx: &Context<'_>) -> Result<()> {
        for head in &self.probe.heads {
            // The rows of a key are marked together.
            let mut at = *head;
            while at != END && !std::mem::replace(&mut self.matched[at as usize], true) {
                self.matched_count += 1;
                at = self.nexts[at as usize];
                if self.matched_count.is_multiple_of(STEPS_MAX) {
                    cx.poll()?;
                }
            }
        }
        self.probe.active = false;
        Ok(())
    }

    /// The next candidate pairs, at most a batch and none after [`STEPS_MAX`] steps; true if the left
    /// batch is used up.
    fn candidates(&mut self, left: &mut Vec<u32>, right: &mut Vec<u32>) -> bool {
        let probe = &mut self.probe;
        // Without another condition the first match is enough for semi and anti joins.
        let is_existence = matches!(self.node.kind, JoinKind::Semi | JoinKind::Anti);
        let one = self.node.condition.is_none() && is_existence;
        // Which of the left rows matched matters no more where the right ones are given.
        let skips_matched = self.node.flipped;
        let mut steps = 0;
        while probe.row < probe.batch.len {
            let mut at = probe.candidate.take().unwrap_or(probe.heads[probe.row]);
            while at != END {
                steps += 1;
                if left.len() == BATCH_ROWS || steps > STEPS_MAX {
                    probe.candidate = Some(at);
                    return false;
                }
                if skips_matched && self.matched[at as usize] {
                    at = self.nexts[at as usize];
                    continue;
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
        if self.is_existence() && self.node.condition.is_none() {
            return Ok(None);
        }
        let mut joined = self.probe.batch.gather(left);
        self.rows.gather_into(right, &mut joined.columns);
        if let Some(condition) = &self.node.condition {
            let verdict = eval(condition, cx, &joined)?;
            let keep = match selected(&verdict) {
                Selection::All => None,
                Selection::None => Some(Vec::new()),
                Selection::Some(rows) => Some(rows),
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
            _ if self.node.flipped => return None,
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

    /// Right rows that the join gives by themselves, once the left side has ended.
    fn next_right(&mut self, cx: &Context<'_>, out: &mut Batch) -> Result<bool> {
        let wanted = self.node.flipped && self.node.kind == JoinKind::Semi;
        let mut rows = Vec::new();
        while self.given < self.matched.len() && rows.len() < BATCH_ROWS {
            if self.matched[self.given] == wanted {
                rows.push(self.given as u32);
            }
            self.given += 1;
            if self.given.is_multiple_of(STEPS_MAX) {
                cx.poll()?;
            }
        }
        if rows.is_empty() {
            return Ok(false);
        }
        let mut columns = Vec::new();
        if !self.node.flipped {
            let left: &[SqlType] = &self.node.left.types;
            columns.extend(null_columns(left, rows.len()));
        }
        self.rows.gather_into(&rows, &mut columns);
        *out = Batch {
            columns,
            len: rows.len(),
        };
        Ok(true)
    }

    fn mark(&mut self, left: &[u32], right: &[u32]) {
        for row in left {
            self.probe.matched[*row as usize] = true;
        }
        if !self.matched.is_empty() {
            for row in right {
                let known = std::mem::replace(&mut self.matched[*row as usize], true);
                self.matched_count += usize::from(!known);
            }
        }
    }

    /// True if no (further) left row can give anything.
    fn is_decided(&self) -> bool {
        if self.node.flipped {
            return self.matched_count == self.rows.len();
        }
        self.rows.is_empty()
            && matches!(
                self.node.kind,
                JoinKind::Inner | JoinKind::Semi | JoinKind::Right
            )
    }

    /// Joins what is left of the left batch, up to a batch of rows; false if it gave none.
    fn join_some(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        if self.node.flipped && self.node.condition.is_none() {
            self.mark_keys(cx)?;
            return Ok(false);
        }
        let (mut left, mut right) = (Vec::new(), Vec::new());
        let used_up = self.candidates(&mut left, &mut right);
        let joined = if left.is_empty() {
            None
        } else {
            self.pairs(cx, &mut left, &mut right)?
        };
        self.mark(&left, &right);
        let existence = self.is_existence();
        let joined = joined.filter(|batch| !existence && !batch.is_empty());
        let mut leftover = None;
        if used_up {
            self.probe.active = false;
            leftover = self.leftover();
        }
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
            (None, None) => return Ok(false),
        };
        Ok(true)
    }
}

impl Operator for HashJoin {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        if !self.built {
            self.build(cx)?;
        }
        if let Some(spilled) = &mut self.spilled {
            return spilled.next(cx, out);
        }
        if let Some(rest) = self.rest.take() {
            *out = rest;
            return Ok(true);
        }
        while !self.left_done {
            if self.is_decided() || (!self.probe.active && !self.next_left(cx)?) {
                self.left_done = true;
                break;
            }
            if self.join_some(cx, out)? {
                return Ok(true);
            }
            cx.poll()?;
        }
        if self.next_right(cx, out)? {
            return Ok(true);
        }
        out.clear();
        Ok(false)
    }

    fn restart(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.release(cx);
        self.spilled = None;
        self.matched_count = 0;
        self.built = false;
        self.probe = Probe::default();
        self.given = 0;
        self.left_done = false;
        self.rest = None;
        self.left.restart(cx)?;
        self.right.restart(cx)
    }

    fn spilled(&self) -> Option<Spilled> {
        Some(match &self.spilled {
            Some(spilled) => spilled.written(),
            None => Spilled {
                batches: 1,
                disk_bytes: 0,
            },
        })
    }
}
