//! `(SELECT agg(x) FROM t WHERE t.k = outer.k)` as a left join with `t` grouped by `k`.
//!
//! Worth it only where running the subquery a row would scan `t` each time: if an index leads with
//! `k` the subquery stays.

use std::collections::BTreeSet;

use hashbrown::HashMap;

use super::decorrelate::pull_correlated;
use super::{each_plan, substitute};
use crate::access::PlanContext;
use crate::ir::{
    Aggregate, ColumnId, ColumnTable, Comparison, Expr, Join, JoinKind, Plan, Subquery,
    SubqueryKind, columns_of, for_each_expr_mut, for_each_node_expr_mut, inputs_mut, outer_columns,
    produced,
};
use crate::planner::properties::{is_pure, is_zero_if_empty};

type Columns = BTreeSet<ColumnId>;

/// Rewrites the subqueries in the expressions of a Filter or a Project; other nodes stay.
pub fn join_scalar_aggregates(
    plan: &mut Plan,
    columns: &mut ColumnTable,
    context: &dyn PlanContext,
) {
    if !matches!(plan, Plan::Filter(_) | Plan::Project(_)) {
        return;
    }
    let mine: Columns = inputs_mut(plan)
        .iter()
        .flat_map(|input| produced(input))
        .collect();
    let mut joins = Vec::new();
    for_each_node_expr_mut(plan, &mut |expr| {
        replace(expr, &mine, columns, context, &mut joins);
    });
    for (right, condition) in joins {
        let input = inputs_mut(plan).remove(0);
        let left = std::mem::replace(input, Plan::OneRow);
        *input = Plan::Join(Box::new(Join {
            kind: JoinKind::Left,
            left,
            right,
            condition,
            lateral: false,
        }));
    }
}

fn replace(
    expr: &mut Expr,
    mine: &Columns,
    columns: &mut ColumnTable,
    context: &dyn PlanContext,
    joins: &mut Vec<(Plan, Expr)>,
) {
    match expr {
        // A branch that is not taken must not be computed: an error in it would show.
        Expr::Case(_) | Expr::Coalesce { .. } => {}
        Expr::Subquery(subquery) => {
            if let Some((plan, condition, value)) = grouped(subquery, mine, columns, context) {
                joins.push((plan, condition));
                *expr = value;
            }
        }
        other => for_each_expr_mut(other, &mut |child| {
            replace(child, mine, columns, context, joins);
        }),
    }
}

/// The grouped aggregate, the join condition, and the expression of the subquery's value.
fn grouped(
    subquery: &Subquery,
    mine: &Columns,
    columns: &mut ColumnTable,
    context: &dyn PlanContext,
) -> Option<(Plan, Expr, Expr)> {
    if !matches!(subquery.kind, SubqueryKind::Scalar) || !is_pure(&subquery.plan) {
        return None;
    }
    let (mut aggregate, mut value) = take_apart(subquery)?;
    let input = std::mem::replace(&mut aggregate.input, Plan::OneRow);
    let mut pulled = Vec::new();
    let input = pull_correlated(input, mine, &mut pulled);
    if pulled.is_empty() {
        return None;
    }
    let pairs = pulled
        .into_iter()
        .map(|c| sides(c, mine))
        .collect::<Option<Vec<_>>>()?;
    if has_index_on(&input, &pairs, context) {
        return None;
    }
    let mut condition = Vec::new();
    for (outer, inner, collation) in pairs {
        let ty = inner.ty();
        let key = columns.add_computed("key", ty);
        aggregate.keys.push((key, inner));
        condition.push(Expr::Compare {
            op: Comparison::Eq,
            left: Box::new(outer),
            right: Box::new(Expr::Column { id: key, ty }),
            collation,
        });
    }
    aggregate.input = input;
    let zero: HashMap<ColumnId, Expr> = aggregate
        .calls
        .iter()
        .filter(|call| is_zero_if_empty(call.function))
        .map(|call| {
            let ty = columns.get(call.id).ty;
            let column = Expr::Column { id: call.id, ty };
            let zero = Expr::constant(types::Datum::I64(0), ty);
            (
                call.id,
                Expr::Coalesce {
                    args: vec![column, zero],
                    ty,
                },
            )
        })
        .collect();
    value = substitute(value, &zero);
    let plan = Plan::Aggregate(Box::new(aggregate));
    if !outer_columns(&plan).is_disjoint(mine) || !columns_of(&value).is_disjoint(mine) {
        return None;
    }
    Some((plan, Expr::and(condition), value))
}

/// The ungrouped aggregate at the root of the subquery and its value in terms of the aggregates.
fn take_apart(subquery: &Subquery) -> Option<(Aggregate, Expr)> {
    let column = *subquery.columns.first()?;
    let (aggregate, value) = match &subquery.plan {
        Plan::Aggregate(aggregate) => (
            aggregate,
            Expr::Column {
                id: column,
                ty: subquery.ty,
            },
        ),
        Plan::Project(project) if project.set_returning.is_empty() => {
            let Plan::Aggregate(aggregate) = &project.input else {
                return None;
            };
            let (_, value) = project.columns.iter().find(|(id, _)| *id == column)?;
            (aggregate, value.clone())
        }
        _ => return None,
    };
    let plain = aggregate.keys.is_empty() && aggregate.sets.is_none();
    plain.then(|| (aggregate.as_ref().clone(), value))
}

type Pair<C> = (Expr, Expr, C);

/// Outer and inner side of an equality.
fn sides(condition: Expr, mine: &Columns) -> Option<Pair<crate::ir::Collation>> {
    let Expr::Compare {
        op: Comparison::Eq,
        left,
        right,
        collation,
    } = condition
    else {
        return None;
    };
    let is_outer = |expr: &Expr| !columns_of(expr).is_disjoint(mine);
    let is_only_outer = |expr: &Expr| columns_of(expr).is_subset(mine);
    if is_only_outer(&left) && !is_outer(&right) {
        Some((*left, *right, collation))
    } else if is_only_outer(&right) && !is_outer(&left) {
        Some((*right, *left, collation))
    } else {
        None
    }
}

fn has_index_on(
    input: &Plan,
    pairs: &[Pair<crate::ir::Collation>],
    context: &dyn PlanContext,
) -> bool {
    let wanted: Columns = pairs
        .iter()
        .filter_map(|(_, inner, _)| inner.as_column())
        .collect();
    let mut found = false;
    each_plan(input, &mut |plan| {
        let Plan::Scan(scan) = plan else { return };
        let Ok(rules) = context.rules(scan.table.oid) else {
            return;
        };
        let leads = |position: u16| {
            let attnum = position as i16 + 1;
            let first = |index: &catalog::Index| index.keys.first().map(|key| key.attnum);
            rules
                .indexes
                .iter()
                .any(|rule| first(&rule.index) == Some(attnum))
        };
        found |= scan
            .columns
            .iter()
            .any(|(id, position)| wanted.contains(id) && leads(*position));
    });
    found
}
