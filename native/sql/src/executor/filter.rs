//! Keeps the rows for which a condition is true.

use std::sync::Arc;

use common::Result;
use types::{Batch, Vector, VectorData};

use super::context::Context;
use super::eval::eval;
use super::operator::{Operator, open};
use crate::planner::physical::{FilterNode, Scalar};

pub struct Filter {
    node: Arc<FilterNode>,
    input: Box<dyn Operator>,
}

impl Filter {
    pub fn new(node: Arc<FilterNode>) -> Self {
        let input = open(&node.input);
        Self { node, input }
    }
}

impl Operator for Filter {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        while self.input.next(cx, out)? {
            apply(&self.node.condition, cx, out)?;
            if !out.is_empty() {
                return Ok(true);
            }
            cx.poll()?;
        }
        Ok(false)
    }

    fn restart(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.input.restart(cx)
    }
}

/// Drops from `batch` the rows for which the condition is not true.
pub fn apply(condition: &Scalar, cx: &mut Context<'_>, batch: &mut Batch) -> Result<()> {
    // One conjunct after the other, each only on what the ones before left.
    if let Scalar::And(parts) = condition {
        for part in parts {
            if batch.is_empty() {
                return Ok(());
            }
            apply(part, cx, batch)?;
        }
        return Ok(());
    }
    let verdict = eval(condition, cx, batch)?;
    let selection = match selected(&verdict) {
        Selection::All => return Ok(()),
        Selection::None => {
            batch.clear();
            return Ok(());
        }
        Selection::Some(rows) => rows,
    };
    drop(verdict);
    *batch = batch.gather(&selection);
    Ok(())
}

/// Which rows of a boolean vector are true.
pub enum Selection {
    All,
    None,
    Some(Vec<u32>),
}

/// Reads a boolean vector; null is not true.
pub fn selected(verdict: &Vector) -> Selection {
    if verdict.is_constant() {
        let all = !verdict.is_empty() && verdict.get(0).as_bool() == Some(true);
        return if all { Selection::All } else { Selection::None };
    }
    let VectorData::Bool(values) = verdict.data() else {
        return Selection::None;
    };
    let mut rows: Vec<u32> = Vec::with_capacity(values.len());
    match verdict.nulls() {
        None => {
            for (row, value) in values.iter().enumerate() {
                if *value != 0 {
                    rows.push(row as u32);
                }
            }
        }
        Some(nulls) => {
            for (row, value) in values.iter().enumerate() {
                if *value != 0 && !nulls.get(row) {
                    rows.push(row as u32);
                }
            }
        }
    }
    match rows.len() {
        0 => Selection::None,
        all if all == values.len() => Selection::All,
        _ => Selection::Some(rows),
    }
}
