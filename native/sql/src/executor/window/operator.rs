//! The operator: collects its input, computes each call for each partition, gives the rows again
//! with the results beside them.

use std::sync::Arc;

use common::Result;
use types::{Batch, Datum, Vector, physical_of};

use super::partition::{Columns, Partition};
use crate::executor::context::Context;
use crate::executor::eval::{eval, eval_once};
use crate::executor::keys::KeyMaker;
use crate::executor::operator::{Operator, open};
use crate::executor::rows::Rows;
use crate::ir::WindowFunction;
use crate::planner::physical::{WindowNode, WindowSpec};

pub struct Window {
    node: Arc<WindowNode>,
    input: Box<dyn Operator>,
    partition_maker: KeyMaker,
    order_maker: KeyMaker,
    rows: Rows,
    results: Vec<Vector>,
    filled: bool,
    at: usize,
    held_bytes: usize,
}

/// What one call needs of all input rows.
pub struct CallColumns {
    pub args: Vec<Vector>,
    /// Rows for which FILTER is true, if there is one.
    pub filter: Option<Vector>,
    pub start_offset: Datum,
    pub end_offset: Datum,
}

impl Window {
    pub fn new(node: Arc<WindowNode>) -> Self {
        Self {
            input: open(&node.input),
            partition_maker: KeyMaker::sort(&node.partition_by),
            order_maker: KeyMaker::sort(&node.order_by),
            node,
            rows: Rows::default(),
            results: Vec::new(),
            filled: false,
            at: 0,
            held_bytes: 0,
        }
    }

    fn fill(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let node = self.node.clone();
        let mut calls: Vec<CallColumns> = Vec::with_capacity(node.calls.len());
        for spec in &node.calls {
            calls.push(start_call(spec, cx)?);
        }
        let mut columns = Columns::new(&node);
        let mut batch = Batch::default();
        while self.input.next(cx, &mut batch)? {
            cx.poll()?;
            columns
                .partition_keys
                .push(self.partition_maker.keys(cx, &batch)?);
            columns.order_keys.push(self.order_maker.keys(cx, &batch)?);
            if let (Some(order), Some(value)) = (node.order_by.first(), &mut columns.order_value) {
                value.append_all(&*eval(&order.key, cx, &batch)?);
            }
            for (spec, call) in node.calls.iter().zip(&mut calls) {
                for (arg, column) in spec.args.iter().zip(&mut call.args) {
                    column.append_all(&*eval(arg, cx, &batch)?);
                }
                if let (Some(filter), Some(column)) = (&spec.filter, &mut call.filter) {
                    column.append_all(&*eval(filter, cx, &batch)?);
                }
            }
            let bytes = batch.len * (16 + 16 * calls.len());
            cx.charge(bytes)?;
            self.held_bytes += bytes;
            self.rows.append(cx, std::mem::take(&mut batch))?;
        }
        let result =
            |spec: &WindowSpec| Vector::with_capacity(physical_of(spec.ty.oid), self.rows.len());
        self.results = node.calls.iter().map(result).collect();
        for partition in Partition::split(cx, &columns, self.rows.len())? {
            cx.poll()?;
            for ((spec, call), out) in node.calls.iter().zip(&calls).zip(&mut self.results) {
                match spec.function {
                    WindowFunction::Window(def) => {
                        super::functions::compute(
                            def.kind, spec, call, &node, &partition, cx, out,
                        )?;
                    }
                    WindowFunction::Aggregate(def) => {
                        super::aggregates::compute(def, spec, call, &node, &partition, cx, out)?;
                    }
                }
            }
        }
        self.filled = true;
        Ok(())
    }
}

fn start_call(spec: &WindowSpec, cx: &mut Context<'_>) -> Result<CallColumns> {
    let column =
        |scalar: &crate::planner::physical::Scalar| Vector::new(physical_of(scalar.ty().oid));
    let mut offset = |scalar: &Option<crate::planner::physical::Scalar>| match scalar {
        Some(scalar) => eval_once(scalar, cx),
        None => Ok(Datum::Null),
    };
    Ok(CallColumns {
        start_offset: super::bounds::checked(offset(&spec.start_offset)?, &spec.frame, true)?,
        end_offset: super::bounds::checked(offset(&spec.end_offset)?, &spec.frame, false)?,
        args: spec.args.iter().map(column).collect(),
        filter: spec.filter.as_ref().map(column),
    })
}

impl Operator for Window {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        if !self.filled {
            self.fill(cx)?;
        }
        let Some(batch) = self.rows.batch(self.at) else {
            out.clear();
            return Ok(false);
        };
        *out = batch.clone();
        let from = self.at * types::BATCH_ROWS;
        out.columns.extend(
            self.results
                .iter()
                .map(|column| column.slice(from, batch.len)),
        );
        self.at += 1;
        Ok(true)
    }

    fn restart(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.rows.clear(cx);
        cx.release(std::mem::take(&mut self.held_bytes));
        self.results.clear();
        self.filled = false;
        self.at = 0;
        self.input.restart(cx)
    }
}
