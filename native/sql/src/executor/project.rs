//! Computes columns, and repeats rows for set-returning functions.

use std::sync::Arc;

use common::Result;
use types::{Batch, Vector};

use super::context::Context;
use super::eval::eval;
use super::operator::{Operator, open};
use super::sets::{SetRows, start_sets};
use crate::planner::physical::{ProjectNode, Scalar};

pub struct Project {
    node: Arc<ProjectNode>,
    input: Box<dyn Operator>,
    /// Kept to reuse its memory, and while sets repeat its rows.
    batch: Batch,
    /// The next row whose sets are to be expanded, and the running one's.
    row: usize,
    running: Option<SetRows>,
    /// Every column is a column of the input, used once: they can be moved.
    moves: bool,
}

impl Project {
    pub fn new(node: Arc<ProjectNode>) -> Self {
        let input = open(&node.input);
        let mut seen = vec![false; node.input.columns.len()];
        let moves = node.columns.iter().all(|column| match column {
            Scalar::Column { position, .. } => !std::mem::replace(&mut seen[*position], true),
            _ => false,
        });
        Self {
            node,
            input,
            batch: Batch::default(),
            row: 0,
            running: None,
            moves,
        }
    }

    fn next_plain(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        if !self.input.next(cx, &mut self.batch)? {
            out.clear();
            return Ok(false);
        }
        let len = self.batch.len;
        if self.moves {
            let empty = || Vector::new(types::Physical::Bool);
            out.columns.clear();
            for column in &self.node.columns {
                if let Scalar::Column { position, .. } = column {
                    out.columns.push(std::mem::replace(
                        &mut self.batch.columns[*position],
                        empty(),
                    ));
                }
            }
        } else {
            let mut columns = Vec::with_capacity(self.node.columns.len());
            for column in &self.node.columns {
                columns.push(eval(column, cx, &self.batch)?.into_owned());
            }
            out.columns = columns;
        }
        out.len = len;
        Ok(true)
    }

    /// One input row at a time: its sets side by side, the other columns repeated.
    fn next_sets(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        loop {
            if let Some(running) = &mut self.running {
                let row = self.batch.slice(self.row, 1);
                let mut sets = Batch::default();
                if running.next(cx, &mut sets)? {
                    let mut columns = Vec::with_capacity(self.node.columns.len());
                    for column in &self.node.columns {
                        let value = eval(column, cx, &row)?;
                        let ty = value.physical();
                        columns.push(Vector::constant_of(ty, value.get(0), sets.len));
                    }
                    columns.append(&mut sets.columns);
                    *out = Batch {
                        columns,
                        len: sets.len,
                    };
                    return Ok(true);
                }
                self.running = None;
                self.row += 1;
            }
            if self.row >= self.batch.len {
                cx.poll()?;
                self.row = 0;
                if !self.input.next(cx, &mut self.batch)? {
                    out.clear();
                    return Ok(false);
                }
            }
            let row = self.batch.slice(self.row, 1);
            self.running = Some(start_sets(&self.node.sets, cx, &row, false)?);
        }
    }
}

impl Operator for Project {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        if self.node.sets.is_empty() {
            self.next_plain(cx, out)
        } else {
            self.next_sets(cx, out)
        }
    }

    fn restart(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.batch.clear();
        self.row = 0;
        self.running = None;
        self.input.restart(cx)
    }
}
