//! INSERT, and COPY FROM.

use std::sync::Arc;

use common::{Error, Result};
use types::{Batch, Vector};

use super::on_conflict;
use super::write::{complete_rows, insert_rows, null_column};
use crate::executor::context::Context;
use crate::executor::eval::eval;
use crate::executor::operator::{Operator, open};
use crate::planner::physical::InsertNode;

pub struct Insert {
    node: Arc<InsertNode>,
    source: Box<dyn Operator>,
}

impl Insert {
    pub fn new(node: Arc<InsertNode>) -> Self {
        let source = open(&node.source);
        Self { node, source }
    }

    /// The rows to store, of the table's full width.
    fn rows(&self, cx: &mut Context<'_>, source: &Batch) -> Result<Batch> {
        let types = &self.node.rules.rules.types;
        let mut columns = Vec::with_capacity(types.len());
        for (value, ty) in self.node.values.iter().zip(types) {
            columns.push(match value {
                Some(scalar) => eval(scalar, cx, source)?.into_owned().into_flat(),
                None => null_column(*ty, source.len),
            });
        }
        let mut rows = Batch {
            columns,
            len: source.len,
        };
        complete_rows(&self.node.rules, cx, &mut rows, None)?;
        Ok(rows)
    }
}

impl Insert {
    /// A row of the batch breaks a rule of the table. The error that counts is that of the first row
    /// which cannot be stored: one before it may have a key that is there.
    fn first_error(&self, cx: &mut Context<'_>, batch: &Batch, error: Error) -> Error {
        let is_rule = error.state().as_str().starts_with("23");
        if !is_rule || batch.len == 1 || self.node.on_conflict.is_some() {
            return error;
        }
        let mut row_ids = Vec::new();
        for at in 0..batch.len {
            let stored = self
                .rows(cx, &batch.slice(at, 1))
                .and_then(|row| insert_rows(&self.node.rules, cx, &row, &mut row_ids));
            if let Err(own) = stored {
                return own;
            }
        }
        error
    }
}

/// The RETURNING columns over stored rows.
pub fn returning(
    scalars: &[crate::planner::physical::Scalar],
    cx: &mut Context<'_>,
    rows: &Batch,
) -> Result<Batch> {
    let mut columns: Vec<Vector> = Vec::with_capacity(scalars.len());
    for scalar in scalars {
        columns.push(eval(scalar, cx, rows)?.into_owned());
    }
    Ok(Batch {
        columns,
        len: rows.len,
    })
}

impl Operator for Insert {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        let mut batch = Batch::default();
        let mut row_ids = Vec::new();
        while self.source.next(cx, &mut batch)? {
            cx.poll()?;
            let rows = match self.rows(cx, &batch) {
                Ok(rows) => rows,
                Err(error) => return Err(self.first_error(cx, &batch, error)),
            };
            let stored = match &self.node.on_conflict {
                None => {
                    row_ids.clear();
                    insert_rows(&self.node.rules, cx, &rows, &mut row_ids)?;
                    rows
                }
                Some(conflict) => on_conflict::insert(&self.node.rules, conflict, cx, &rows)?,
            };
            cx.state.affected += stored.len as u64;
            if !self.node.returning.is_empty() && !stored.is_empty() {
                *out = returning(&self.node.returning, cx, &stored)?;
                return Ok(true);
            }
        }
        out.clear();
        Ok(false)
    }

    fn restart(&mut self, _: &mut Context<'_>) -> Result<()> {
        Err(Error::internal("a write that is run twice"))
    }
}
