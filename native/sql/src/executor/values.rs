//! VALUES.

use std::sync::Arc;

use common::Result;
use types::{BATCH_ROWS, Batch, SqlType};

use super::context::Context;
use super::eval::eval;
use super::operator::Operator;
use super::rows::empty_batch;
use crate::planner::physical::ValuesNode;

pub struct Values {
    node: Arc<ValuesNode>,
    types: Vec<SqlType>,
    at: usize,
}

impl Values {
    pub fn new(node: Arc<ValuesNode>, types: Vec<SqlType>) -> Self {
        Self { node, types, at: 0 }
    }
}

impl Operator for Values {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        *out = empty_batch(&self.types);
        let none = Batch {
            columns: Vec::new(),
            len: 1,
        };
        let node = self.node.clone();
        while let (Some(row), true) = (node.rows.get(self.at), out.len < BATCH_ROWS) {
            for (scalar, column) in row.iter().zip(&mut out.columns) {
                column.push(eval(scalar, cx, &none)?.get(0));
            }
            out.len += 1;
            self.at += 1;
        }
        Ok(out.len > 0)
    }

    fn restart(&mut self, _: &mut Context<'_>) -> Result<()> {
        self.at = 0;
        Ok(())
    }
}
