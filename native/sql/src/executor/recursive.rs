//! WITH RECURSIVE: the base's rows, then the step over the rows that the last round gave.

use std::sync::Arc;

use common::Result;
use types::{Batch, SqlType};

use super::append::pick;
use super::context::Context;
use super::key_table::{KeyTable, Slot};
use super::keys::KeyMaker;
use super::operator::{Operator, open};
use super::rows::Rows;
use crate::planner::physical::RecursiveNode;

pub struct Recursive {
    node: Arc<RecursiveNode>,
    base: Box<dyn Operator>,
    step: Box<dyn Operator>,
    maker: KeyMaker,
    /// Without ALL: all rows ever given.
    seen: KeyTable,
    next_round: Rows,
    in_base: bool,
    started: bool,
}

impl Recursive {
    pub fn new(node: Arc<RecursiveNode>, types: Vec<SqlType>) -> Self {
        Self {
            base: open(&node.base),
            step: open(&node.step),
            maker: KeyMaker::of_columns(&types),
            node,
            seen: KeyTable::default(),
            next_round: Rows::default(),
            in_base: true,
            started: false,
        }
    }

    /// Keeps the rows that are new, for the caller and for the next round.
    fn take(&mut self, cx: &mut Context<'_>, mut rows: Batch) -> Result<Batch> {
        if !self.node.all {
            let keys = self.maker.keys(cx, &rows)?;
            let mut fresh = Vec::new();
            for row in 0..rows.len {
                if let Slot::New(_) = self.seen.insert(keys.get(row))? {
                    fresh.push(row as u32);
                }
            }
            self.seen.account(cx)?;
            if fresh.len() < rows.len {
                rows = rows.gather(&fresh);
            }
        }
        if !rows.is_empty() {
            self.next_round.append(cx, rows.clone())?;
        }
        Ok(rows)
    }

    /// Makes the last round's rows the working table; false if there were none.
    fn turn(&mut self, cx: &mut Context<'_>) -> Result<bool> {
        let cte = self.node.cte;
        let mut old = std::mem::replace(
            &mut cx.state.ctes[cte].working,
            std::mem::take(&mut self.next_round),
        );
        old.clear(cx);
        if cx.state.ctes[cte].working.is_empty() {
            return Ok(false);
        }
        self.step.restart(cx)?;
        self.started = true;
        Ok(true)
    }
}

impl Operator for Recursive {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        let mut batch = Batch::default();
        loop {
            cx.poll()?;
            if self.in_base {
                if self.base.next(cx, &mut batch)? {
                    let rows = pick(&mut batch, &self.node.base_positions);
                    *out = self.take(cx, rows)?;
                    if !out.is_empty() {
                        return Ok(true);
                    }
                    continue;
                }
                self.in_base = false;
            }
            if !self.started && !self.turn(cx)? {
                out.clear();
                return Ok(false);
            }
            if self.step.next(cx, &mut batch)? {
                let rows = pick(&mut batch, &self.node.step_positions);
                *out = self.take(cx, rows)?;
                if !out.is_empty() {
                    return Ok(true);
                }
                continue;
            }
            self.started = false;
        }
    }

    fn restart(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.seen.clear(cx);
        self.next_round.clear(cx);
        self.in_base = true;
        self.started = false;
        self.base.restart(cx)
    }
}
