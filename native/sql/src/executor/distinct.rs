//! Keeps the first row of each group of equal keys, as it comes.

use std::sync::Arc;

use common::Result;
use types::Batch;

use super::context::Context;
use super::key_table::{KeyTable, Slot};
use super::keys::KeyMaker;
use super::operator::{Operator, open};
use crate::planner::physical::DistinctNode;

pub struct Distinct {
    input: Box<dyn Operator>,
    maker: KeyMaker,
    seen: KeyTable,
}

impl Distinct {
    pub fn new(node: Arc<DistinctNode>) -> Self {
        Self {
            input: open(&node.input),
            maker: KeyMaker::group(&node.keys, &node.key_types),
            seen: KeyTable::default(),
        }
    }
}

impl Operator for Distinct {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        while self.input.next(cx, out)? {
            cx.poll()?;
            let keys = self.maker.keys(cx, out)?;
            let mut rows = Vec::with_capacity(out.len);
            self.seen.reserve(out.len, &|| cx.poll())?;
            for row in 0..out.len {
                if let Slot::New(_) = self.seen.insert(keys.get(row))? {
                    rows.push(row as u32);
                }
            }
            self.seen.account(cx)?;
            if rows.is_empty() {
                continue;
            }
            if rows.len() < out.len {
                *out = out.gather(&rows);
            }
            return Ok(true);
        }
        out.clear();
        Ok(false)
    }

    fn restart(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.seen.clear(cx);
        self.input.restart(cx)
    }
}
