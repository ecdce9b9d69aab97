//! UNION ALL: one input after the other.

use std::sync::Arc;

use common::Result;
use types::{Batch, Vector};

use super::context::Context;
use super::operator::{Operator, open};
use crate::planner::physical::AppendNode;

pub struct Append {
    node: Arc<AppendNode>,
    inputs: Vec<Box<dyn Operator>>,
    at: usize,
}

/// The columns at these positions; those asked for once are moved.
pub fn pick(batch: &mut Batch, positions: &[usize]) -> Batch {
    let mut columns = Vec::with_capacity(positions.len());
    for (at, position) in positions.iter().enumerate() {
        if positions[at + 1..].contains(position) {
            columns.push(batch.columns[*position].clone());
        } else {
            let empty = Vector::new(types::Physical::Bool);
            columns.push(std::mem::replace(&mut batch.columns[*position], empty));
        }
    }
    Batch {
        columns,
        len: batch.len,
    }
}

impl Append {
    pub fn new(node: Arc<AppendNode>) -> Self {
        let inputs = node.inputs.iter().map(|(input, _)| open(input)).collect();
        Self {
            node,
            inputs,
            at: 0,
        }
    }
}

impl Operator for Append {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        while let Some(input) = self.inputs.get_mut(self.at) {
            let mut batch = std::mem::take(out);
            if input.next(cx, &mut batch)? {
                *out = pick(&mut batch, &self.node.inputs[self.at].1);
                return Ok(true);
            }
            self.at += 1;
        }
        out.clear();
        Ok(false)
    }

    fn restart(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.at = 0;
        for input in &mut self.inputs {
            input.restart(cx)?;
        }
        Ok(())
    }
}
