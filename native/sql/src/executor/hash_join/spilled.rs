//! A join whose sides lie in temporary files, part by part.

use std::collections::VecDeque;
use std::sync::Arc;

use common::Result;
use types::Batch;

use super::operator::HashJoin;
use crate::executor::context::Context;
use crate::executor::operator::Operator;
use crate::executor::spill::{LEVELS_MAX, Partitions, Spilled, SpilledRows};
use crate::planner::physical::HashJoinNode;

/// The parts that are still to be joined.
pub struct SpilledJoin {
    node: Arc<HashJoinNode>,
    parts: VecDeque<Part>,
    current: Option<Box<HashJoin>>,
    written: Spilled,
}

struct Part {
    left: SpilledRows,
    right: SpilledRows,
    level: u32,
}

impl SpilledJoin {
    /// Deals out what `join` has of its right side, `first` and the rest of it, then the left side.
    pub fn new(join: &mut HashJoin, cx: &mut Context<'_>, first: Batch) -> Result<Self> {
        let level = join.level;
        let mut rights = Partitions::new(level);
        for batch in join.rows.take(cx) {
            cx.poll()?;
            let keys = join.right_keys.keys(cx, &batch)?;
            rights.append(cx, &batch, keys.hashes())?;
        }
        join.release(cx);
        let mut batch = first;
        loop {
            let keys = join.right_keys.keys(cx, &batch)?;
            rights.append(cx, &batch, keys.hashes())?;
            cx.poll()?;
            if !join.right.next(cx, &mut batch)? {
                break;
            }
        }
        let rights = rights.finish(cx)?;
        let mut lefts = Partitions::new(level);
        while join.left.next(cx, &mut batch)? {
            cx.poll()?;
            let keys = join.left_keys.keys(cx, &batch)?;
            lefts.append(cx, &batch, keys.hashes())?;
        }
        let lefts = lefts.finish(cx)?;
        let all: u64 = rights.iter().map(SpilledRows::rows).sum();
        let mut written = Spilled::default();
        let mut parts = VecDeque::new();
        for (left, right) in lefts.into_iter().zip(rights) {
            written.disk_bytes += left.disk_bytes() + right.disk_bytes();
            // Rows that did not part now never will: they have one key.
            let level = if right.rows() == all {
                LEVELS_MAX
            } else {
                level + 1
            };
            parts.push_back(Part { left, right, level });
        }
        Ok(Self {
            node: join.node.clone(),
            parts,
            current: None,
            written,
        })
    }

    pub fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        loop {
            if let Some(join) = &mut self.current {
                if join.next(cx, out)? {
                    return Ok(true);
                }
                self.written.add(join.spilled().unwrap_or_default());
                join.release(cx);
                self.current = None;
            }
            let Some(part) = self.parts.pop_front() else {
                out.clear();
                return Ok(false);
            };
            self.current = Some(Box::new(HashJoin::over(
                self.node.clone(),
                Box::new(part.left.into_reader()),
                Box::new(part.right.into_reader()),
                part.level,
            )));
        }
    }

    /// What was written so far, and the parts that were joined.
    pub fn written(&self) -> Spilled {
        self.written
    }
}
