//! CASE, COALESCE, GREATEST, LEAST, NULLIF.

use crate::ir::Collation;
use common::Result;
use types::{Batch, SqlType, Vector, physical_of};

use super::{compare_datums, eval};
use crate::executor::context::Context;
use crate::executor::filter::{Selection, selected};
use crate::planner::physical::{Scalar, ScalarCase};

/// Where each row's result is: which part, and which row of it.
struct Parts {
    parts: Vec<Vector>,
    place: Vec<(u32, u32)>,
}

impl Parts {
    fn new(len: usize) -> Self {
        Self {
            parts: Vec::new(),
            place: vec![(u32::MAX, 0); len],
        }
    }

    /// `values` are the results of `rows`.
    fn put(&mut self, rows: &[u32], values: Vector) {
        let part = self.parts.len() as u32;
        for (at, row) in rows.iter().enumerate() {
            self.place[*row as usize] = (part, at as u32);
        }
        self.parts.push(values);
    }

    /// Rows without a part are null.
    fn finish(self, ty: SqlType) -> Vector {
        let mut out = Vector::with_capacity(physical_of(ty.oid), self.place.len());
        for (part, row) in &self.place {
            match self.parts.get(*part as usize) {
                Some(values) => out.append_from(values, *row as usize),
                None => out.push_null(),
            }
        }
        out
    }
}

fn subset<'b>(batch: &'b Batch, rows: &[u32]) -> std::borrow::Cow<'b, Batch> {
    if rows.len() == batch.len {
        std::borrow::Cow::Borrowed(batch)
    } else {
        std::borrow::Cow::Owned(batch.gather(rows))
    }
}

pub fn case(case: &ScalarCase, cx: &mut Context<'_>, batch: &Batch) -> Result<Vector> {
    let with_operand;
    let batch = match &case.operand {
        None => batch,
        Some(operand) => {
            let value = eval(operand, cx, batch)?.into_owned();
            let mut columns = batch.columns.clone();
            // Outer operands may have left this width already; the plan says where ours is.
            columns.truncate(case.operand_position);
            columns.push(value);
            with_operand = Batch {
                columns,
                len: batch.len,
            };
            &with_operand
        }
    };
    let mut result = Parts::new(batch.len);
    let mut open: Vec<u32> = (0..batch.len as u32).collect();
    for (when, then) in &case.branches {
        if open.is_empty() {
            break;
        }
        let some = subset(batch, &open);
        let verdict = eval(when, cx, &some)?;
        let hits: Vec<u32> = match selected(&verdict) {
            Selection::None => continue,
            Selection::All => std::mem::take(&mut open),
            Selection::Some(at) => {
                let hits: Vec<u32> = at.iter().map(|at| open[*at as usize]).collect();
                let mut next = at.iter().copied().peekable();
                let mut number = 0;
                open.retain(|_| {
                    let hit = next.next_if_eq(&number).is_some();
                    number += 1;
                    !hit
                });
                hits
            }
        };
        drop(verdict);
        let some = subset(batch, &hits);
        let values = eval(then, cx, &some)?.into_owned();
        if hits.len() == batch.len {
            return Ok(values);
        }
        result.put(&hits, values);
    }
    if let (Some(otherwise), false) = (&case.otherwise, open.is_empty()) {
        let some = subset(batch, &open);
        let values = eval(otherwise, cx, &some)?.into_owned();
        if open.len() == batch.len {
            return Ok(values);
        }
        result.put(&open, values);
    }
    Ok(result.finish(case.ty))
}

pub fn coalesce(
    args: &[Scalar],
    ty: SqlType,
    cx: &mut Context<'_>,
    batch: &Batch,
) -> Result<Vector> {
    let mut result = Parts::new(batch.len);
    let mut open: Vec<u32> = (0..batch.len as u32).collect();
    for arg in args {
        if open.is_empty() {
            break;
        }
        let some = subset(batch, &open);
        let values = eval(arg, cx, &some)?.into_owned();
        if values.nulls().is_none() && open.len() == batch.len {
            return Ok(values);
        }
        let (mut at, mut kept) = (Vec::new(), Vec::new());
        for (number, row) in open.iter().enumerate() {
            if values.is_null(number) {
                kept.push(*row)
            } else {
                at.push(number as u32)
            }
        }
        let rows: Vec<u32> = at.iter().map(|at| open[*at as usize]).collect();
        result.put(&rows, values.gather(&at));
        open = kept;
    }
    Ok(result.finish(ty))
}

pub fn min_max(
    greatest: bool,
    args: &[Scalar],
    ty: SqlType,
    collation: Collation,
    cx: &mut Context<'_>,
    batch: &Batch,
) -> Result<Vector> {
    let mut columns = Vec::with_capacity(args.len());
    for arg in args {
        columns.push(eval(arg, cx, batch)?);
    }
    let mut out = Vector::with_capacity(physical_of(ty.oid), batch.len);
    for row in 0..batch.len {
        let mut best = types::DatumRef::Null;
        for column in &columns {
            let value = column.get(row);
            if value.is_null() {
                continue;
            }
            let better = best.is_null() || {
                let order = compare_datums(value, best, ty, collation);
                if greatest {
                    order.is_gt()
                } else {
                    order.is_lt()
                }
            };
            if better {
                best = value;
            }
        }
        out.push(best);
    }
    Ok(out)
}

pub fn null_if(
    left: &Scalar,
    right: &Scalar,
    collation: Collation,
    cx: &mut Context<'_>,
    batch: &Batch,
) -> Result<Vector> {
    let ty = left.ty();
    let mut l = eval(left, cx, batch)?.into_owned();
    let r = eval(right, cx, batch)?;
    for row in 0..batch.len {
        let (a, b) = (l.get(row), r.get(row));
        if !a.is_null() && !b.is_null() && compare_datums(a, b, ty, collation).is_eq() {
            l.set_null(row);
        }
    }
    Ok(l)
}
