//! Nested loop: for each left row, all right rows. The right side either depends on the left row
//! (slots) and starts anew each time, or is read once and kept.

use std::sync::Arc;

use common::Result;
use types::{BATCH_ROWS, Batch, Vector};

use super::context::Context;
use super::filter::apply;
use super::operator::{Operator, open};
use super::rows::{Rows, null_columns};
use crate::ir::JoinKind;
use crate::planner::physical::NestedLoopNode;

pub struct NestedLoop {
    node: Arc<NestedLoopNode>,
    left: Box<dyn Operator>,
    right: Box<dyn Operator>,
    batch: Batch,
    row: usize,
    /// The present left row has had its right side started.
    started: bool,
    matched: bool,
    /// The right side, when it does not depend on the left.
    kept: Rows,
    kept_all: bool,
    kept_at: usize,
    right_batch: Batch,
    /// Rows collected for the caller, and those beyond a full batch.
    gathered: Batch,
    overflow: Batch,
    left_done: bool,
}

impl NestedLoop {
    pub fn new(node: Arc<NestedLoopNode>) -> Self {
        Self {
            left: open(&node.left),
            right: open(&node.right),
            node,
            batch: Batch::default(),
            row: 0,
            started: false,
            matched: false,
            kept: Rows::default(),
            kept_all: false,
            kept_at: 0,
            right_batch: Batch::default(),
            gathered: Batch::default(),
            overflow: Batch::default(),
            left_done: false,
        }
    }

    fn start_row(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.started = true;
        self.matched = false;
        if self.node.binds.is_empty() {
            if !self.kept_all {
                let mut batch = Batch::default();
                while self.right.next(cx, &mut batch)? {
                    cx.poll()?;
                    self.kept.append(cx, std::mem::take(&mut batch))?;
                }
                self.kept_all = true;
            }
            self.kept_at = 0;
            return Ok(());
        }
        for (slot, position) in &self.node.binds {
            cx.state.slots[*slot] = self.batch.get(*position, self.row).to_owned();
        }
        self.right.restart(cx)
    }

    /// The next rows of the right side for the present left row.
    fn next_right(&mut self, cx: &mut Context<'_>) -> Result<bool> {
        if !self.node.binds.is_empty() {
            return self.right.next(cx, &mut self.right_batch);
        }
        match self.kept.batch(self.kept_at) {
            Some(batch) => {
                self.right_batch = batch.clone();
                self.kept_at += 1;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// The present left row beside the right batch, cut down to what satisfies the condition.
    fn join(&mut self, cx: &mut Context<'_>) -> Result<Batch> {
        let len = self.right_batch.len;
        let repeat =
            |column: &Vector| Vector::constant_of(column.physical(), column.get(self.row), len);
        let mut columns: Vec<Vector> = self.batch.columns.iter().map(repeat).collect();
        columns.append(&mut self.right_batch.columns);
        let mut joined = Batch { columns, len };
        if let Some(condition) = &self.node.condition {
            apply(condition, cx, &mut joined)?;
        }
        Ok(joined)
    }

    fn gather(&mut self, joined: Batch) {
        if self.gathered.is_empty() {
            self.gathered = joined;
        } else {
            self.gathered.append_all(&joined);
        }
    }

    /// The left row by itself.
    fn alone(&self) -> Batch {
        let mut row = self.batch.slice(self.row, 1);
        if self.node.kind == JoinKind::Left {
            row.columns.extend(null_columns(&self.node.right.types, 1));
        }
        row
    }

    /// Goes through the right side for one left row; true if `gathered` is full.
    fn run_row(&mut self, cx: &mut Context<'_>) -> Result<bool> {
        let existence = matches!(self.node.kind, JoinKind::Semi | JoinKind::Anti);
        while !(existence && self.matched) && self.next_right(cx)? {
            cx.poll()?;
            let joined = self.join(cx)?;
            if joined.is_empty() {
                continue;
            }
            self.matched = true;
            if !existence {
                // A batch never grows beyond its limit: the caller takes what is there first.
                if self.gathered.len + joined.len > BATCH_ROWS {
                    self.pending(joined);
                    return Ok(true);
                }
                self.gather(joined);
            }
        }
        Ok(false)
    }

    fn pending(&mut self, joined: Batch) {
        let room = BATCH_ROWS - self.gathered.len;
        self.gather(joined.slice(0, room));
        let rest = joined.slice(room, joined.len - room);
        self.overflow = rest;
    }
}

impl Operator for NestedLoop {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        self.gathered = std::mem::take(&mut self.overflow);
        loop {
            if self.row >= self.batch.len {
                self.row = 0;
                if self.left_done || !self.left.next(cx, &mut self.batch)? {
                    self.left_done = true;
                    self.batch.clear();
                    break;
                }
            }
            if !self.started {
                // A side without rows has no batch at which it would look.
                cx.poll()?;
                self.start_row(cx)?;
            }
            if self.run_row(cx)? {
                break;
            }
            let alone = match self.node.kind {
                JoinKind::Left | JoinKind::Anti => !self.matched,
                JoinKind::Semi => self.matched,
                _ => false,
            };
            if alone {
                let row = self.alone();
                self.gather(row);
            }
            self.row += 1;
            self.started = false;
            if self.gathered.len >= BATCH_ROWS {
                break;
            }
        }
        *out = std::mem::take(&mut self.gathered);
        Ok(!out.is_empty())
    }

    fn restart(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.batch.clear();
        self.row = 0;
        self.started = false;
        self.left_done = false;
        self.overflow = Batch::default();
        self.kept.clear(cx);
        self.kept_all = false;
        self.left.restart(cx)?;
        if self.node.binds.is_empty() {
            self.right.restart(cx)
        } else {
            Ok(())
        }
    }
}
