//! INTERSECT and EXCEPT: counts of equal rows on both sides.

use std::sync::Arc;

use common::Result;
use types::{Batch, SqlType};

use super::append::pick;
use super::context::Context;
use super::key_table::KeyTable;
use super::keys::KeyMaker;
use super::operator::{Operator, open};
use crate::ir::SetOpKind;
use crate::planner::physical::SetOpNode;

pub struct SetOp {
    node: Arc<SetOpNode>,
    left: Box<dyn Operator>,
    right: Box<dyn Operator>,
    maker: KeyMaker,
    /// Distinct rows of the right side, and how many of each are still to be matched.
    table: KeyTable,
    counts: Vec<u64>,
    filled: bool,
}

impl SetOp {
    pub fn new(node: Arc<SetOpNode>, types: Vec<SqlType>) -> Self {
        Self {
            left: open(&node.left),
            right: open(&node.right),
            maker: KeyMaker::of_columns(&types),
            node,
            table: KeyTable::default(),
            counts: Vec::new(),
            filled: false,
        }
    }

    fn fill(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let mut batch = Batch::default();
        while self.right.next(cx, &mut batch)? {
            cx.poll()?;
            let rows = pick(&mut batch, &self.node.right_positions);
            let keys = self.maker.keys(cx, &rows)?;
            self.table.reserve(rows.len, &|| cx.poll())?;
            for row in 0..rows.len {
                let number = self.table.insert(keys.get(row))?.number() as usize;
                self.counts.resize(self.counts.len().max(number + 1), 0);
                self.counts[number] += 1;
            }
            self.table.account(cx)?;
        }
        self.filled = true;
        Ok(())
    }

    /// Whether one more left row with this key belongs to the result.
    fn takes(&mut self, key: &[u8]) -> Result<bool> {
        let all = self.node.all;
        match self.node.kind {
            // Each right row matches one left row; without ALL only the first of equal rows counts.
            SetOpKind::Intersect => Ok(match self.table.find(key) {
                Some(number) if self.counts[number as usize] > 0 => {
                    let count = &mut self.counts[number as usize];
                    *count = if all { *count - 1 } else { 0 };
                    true
                }
                _ => false,
            }),
            _ if all => Ok(match self.table.find(key) {
                Some(number) if self.counts[number as usize] > 0 => {
                    self.counts[number as usize] -= 1;
                    false
                }
                _ => true,
            }),
            // A row given once joins the right side: its equals are not given again.
            _ => Ok(matches!(
                self.table.insert(key)?,
                super::key_table::Slot::New(_)
            )),
        }
    }
}

impl Operator for SetOp {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        if !self.filled {
            self.fill(cx)?;
        }
        let mut batch = Batch::default();
        while self.left.next(cx, &mut batch)? {
            cx.poll()?;
            let rows = pick(&mut batch, &self.node.left_positions);
            let keys = self.maker.keys(cx, &rows)?;
            let mut kept = Vec::new();
            for row in 0..rows.len {
                if self.takes(keys.get(row))? {
                    kept.push(row as u32);
                }
            }
            self.table.account(cx)?;
            if !kept.is_empty() {
                *out = rows.gather(&kept);
                return Ok(true);
            }
        }
        out.clear();
        Ok(false)
    }

    fn restart(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.table.clear(cx);
        self.counts.clear();
        self.filled = false;
        self.left.restart(cx)?;
        self.right.restart(cx)
    }
}
