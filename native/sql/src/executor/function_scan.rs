//! Functions in FROM.

use std::sync::Arc;

use common::Result;
use types::Batch;

use super::context::Context;
use super::operator::Operator;
use super::sets::{SetRows, start_sets};
use crate::planner::physical::FunctionScanNode;

pub struct FunctionScan {
    node: Arc<FunctionScanNode>,
    rows: Option<SetRows>,
}

impl FunctionScan {
    pub fn new(node: Arc<FunctionScanNode>) -> Self {
        Self { node, rows: None }
    }
}

impl Operator for FunctionScan {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        if self.rows.is_none() {
            let none = Batch {
                columns: Vec::new(),
                len: 1,
            };
            let started = start_sets(&self.node.functions, cx, &none, self.node.ordinality)?;
            self.rows = Some(started);
        }
        match &mut self.rows {
            Some(rows) => rows.next(cx, out),
            None => Ok(false),
        }
    }

    fn restart(&mut self, _: &mut Context<'_>) -> Result<()> {
        self.rows = None;
        Ok(())
    }
}
