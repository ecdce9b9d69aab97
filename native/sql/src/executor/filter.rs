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
    let parts = match condition {
        Scalar::And(parts) => parts.as_slice(),
        other => std::slice::from_ref(other),
    };
    // One conjunct after the other, each only on what the ones before left, and of that only the
    // columns that it reads: the rows are picked once, at the end.
    let mut rows: Option<Vec<u32>> = None;
    for part in parts {
        let selection = match &rows {
            None => selected(&*eval(part, cx, batch)?),
            Some(kept) => {
                let narrow = pick(part, batch, kept);
                selected(&*eval(part, cx, &narrow)?)
            }
        };
        match selection {
            Selection::All => {}
            Selection::None => {
                batch.clear();
                return Ok(());
            }
            Selection::Some(picked) => {
                rows = Some(match rows {
                    None => picked,
                    Some(kept) => picked.iter().map(|at| kept[*at as usize]).collect(),
                });
            }
        }
    }
    if let Some(rows) = rows {
        *batch = batch.gather(&rows);
    }
    Ok(())
}

/// The rows with the columns that the expression reads; the others are nulls.
fn pick(scalar: &Scalar, batch: &Batch, rows: &[u32]) -> Batch {
    let mut read = vec![false; batch.columns.len()];
    if !mark(scalar, &mut read) {
        return batch.gather(rows);
    }
    let column = |(column, read): (&Vector, &bool)| match read {
        true => column.gather(rows),
        false => Vector::nulls_of(column.physical(), rows.len()),
    };
    Batch {
        columns: batch.columns.iter().zip(&read).map(column).collect(),
        len: rows.len(),
    }
}

/// Marks the columns that the expression reads; false where that cannot be seen: a subquery takes
/// columns of the row by itself.
fn mark(scalar: &Scalar, read: &mut [bool]) -> bool {
    if let Scalar::Column { position, .. } = scalar
        && let Some(read) = read.get_mut(*position)
    {
        *read = true;
    }
    let mut known = !matches!(scalar, Scalar::Subplan { .. });
    scalar.for_each_operand(&mut |operand| known &= mark(operand, read));
    known
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
