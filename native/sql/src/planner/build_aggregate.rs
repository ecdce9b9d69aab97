//! Grouping and aggregates.

use std::sync::Arc;

use common::Result;

use super::estimate::{CPU_OPERATOR, CPU_ROW};
use super::physical::*;
use super::{Layout, Planner};
use crate::ir::{Aggregate, ColumnId, Expr};

impl Planner<'_> {
    pub(super) fn build_aggregate(&mut self, aggregate: &Aggregate) -> Result<Node> {
        let input = self.build(&aggregate.input)?;
        let layout = Layout::new(&input.columns);
        let mut columns: Vec<ColumnId> = aggregate.keys.iter().map(|(id, _)| *id).collect();
        let mut keys = Vec::with_capacity(aggregate.keys.len());
        for (_, expr) in &aggregate.keys {
            keys.push(self.compile(expr, &layout)?);
        }
        let mut calls = Vec::with_capacity(aggregate.calls.len());
        for call in &aggregate.calls {
            calls.push(AggregateSpec {
                function: call.function,
                args: self.compile_all(&call.args, &layout)?,
                distinct: call.distinct,
                order_by: self.compile_sort(&call.order_by, &layout)?,
                filter: self.compile_some(call.filter.as_ref(), &layout)?,
                collation: call.collation,
                arg_types: call.args.iter().map(Expr::ty).collect(),
                ty: self.columns.get(call.id).ty,
            });
            columns.push(call.id);
        }
        columns.extend(aggregate.grouping.iter().map(|(id, _)| *id));
        let wide = |list: &Vec<u16>| list.iter().map(|at| usize::from(*at)).collect::<Vec<_>>();
        let sets = match &aggregate.sets {
            Some(sets) => sets.iter().map(wide).collect(),
            None => vec![(0..keys.len()).collect::<Vec<_>>()],
        };
        let grouping = aggregate
            .grouping
            .iter()
            .map(|(_, list)| wide(list))
            .collect();
        let estimate = self.aggregate_estimate(aggregate, &input, &sets);
        let kind = NodeKind::Aggregate(Arc::new(AggregateNode {
            input,
            key_types: aggregate.keys.iter().map(|(_, expr)| expr.ty()).collect(),
            keys,
            sets,
            calls,
            grouping,
        }));
        Ok(self.node(kind, columns, estimate))
    }

    fn aggregate_estimate(
        &self,
        aggregate: &Aggregate,
        input: &Node,
        sets: &[Vec<usize>],
    ) -> Estimate {
        let group = |set: &Vec<usize>| {
            let keys: Vec<&Expr> = set.iter().map(|at| &aggregate.keys[*at].1).collect();
            if keys.is_empty() {
                1.0
            } else {
                self.facts.groups(&keys, input.estimate.rows)
            }
        };
        let rows: f64 = sets.iter().map(group).sum();
        let work = aggregate.keys.len() + aggregate.calls.len();
        let startup = input.estimate.total + input.estimate.rows * CPU_OPERATOR * work as f64;
        Estimate {
            startup,
            total: startup + rows * CPU_ROW,
            rows,
            width: input.estimate.width,
        }
    }
}
