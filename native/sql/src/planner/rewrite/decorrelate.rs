//! Turns subqueries of conditions into joins: EXISTS and IN into semi joins, NOT EXISTS into anti
//! joins, correlated scalar aggregates into a left join with a grouped aggregate.
//!
//! What cannot be turned stays an expression, run once a row with its outer columns as parameters
//! and its answers remembered. NOT IN always stays: a null on either side makes it null, which no
//! anti join can say.

use std::collections::BTreeSet;

use super::scalar_aggregate::join_scalar_aggregates;
use crate::access::PlanContext;
use crate::ir::{
    ColumnId, ColumnTable, Expr, Filter, Join, JoinKind, Plan, Quantifier, Subquery, SubqueryKind,
    columns_of, for_each_expr_mut, for_each_node_expr_mut, inputs_mut, outer_columns, produced,
};
use crate::planner::properties::{has_subquery, is_pure};

type Columns = BTreeSet<ColumnId>;

/// Rewrites the plan and all subqueries that stay.
pub fn decorrelate(plan: &mut Plan, columns: &mut ColumnTable, context: &dyn PlanContext) {
    for input in inputs_mut(plan) {
        decorrelate(input, columns, context);
    }
    for_each_node_expr_mut(plan, &mut |expr| within(expr, columns, context));
    if let Plan::Filter(_) = plan {
        let Plan::Filter(filter) = std::mem::replace(plan, Plan::OneRow) else {
            return;
        };
        *plan = filter_to_joins(*filter);
    }
    join_scalar_aggregates(plan, columns, context);
}

fn within(expr: &mut Expr, columns: &mut ColumnTable, context: &dyn PlanContext) {
    for_each_expr_mut(expr, &mut |child| within(child, columns, context));
    if let Expr::Subquery(subquery) = expr {
        decorrelate(&mut subquery.plan, columns, context);
    }
}

fn filter_to_joins(filter: Filter) -> Plan {
    let mut input = filter.input;
    let mut stay = Vec::new();
    for conjunct in filter.condition.conjuncts() {
        match conjunct {
            Expr::Subquery(subquery) => match to_join(*subquery, JoinKind::Semi, input) {
                Ok(joined) => input = joined,
                Err(kept) => {
                    let (subquery, back) = *kept;
                    stay.push(Expr::Subquery(Box::new(subquery)));
                    input = back;
                }
            },
            Expr::Not(inner) => match *inner {
                Expr::Subquery(subquery) if matches!(subquery.kind, SubqueryKind::Exists) => {
                    match to_join(*subquery, JoinKind::Anti, input) {
                        Ok(joined) => input = joined,
                        Err(kept) => {
                            let (subquery, back) = *kept;
                            let subquery = Expr::Subquery(Box::new(subquery));
                            stay.push(Expr::Not(Box::new(subquery)));
                            input = back;
                        }
                    }
                }
                other => stay.push(Expr::Not(Box::new(other))),
            },
            other => stay.push(other),
        }
    }
    super::push_down::wrap(input, stay)
}

/// The join, or the subquery and the input unchanged.
fn to_join(
    mut subquery: Subquery,
    kind: JoinKind,
    input: Plan,
) -> Result<Plan, Box<(Subquery, Plan)>> {
    let mine: Columns = produced(&input).into_iter().collect();
    let match_columns = match &subquery.kind {
        SubqueryKind::Exists => None,
        SubqueryKind::Compare {
            op,
            quantifier: Quantifier::Any,
            left,
            collation,
        } if left.len() == 1 => {
            let right = subquery.columns[0];
            Some((*op, left[0].clone(), right, *collation))
        }
        _ => return Err(Box::new((subquery, input))),
    };
    if !is_pure(&subquery.plan) {
        return Err(Box::new((subquery, input)));
    }
    let original = subquery.plan.clone();
    let mut plan = std::mem::replace(&mut subquery.plan, Plan::OneRow);
    if match_columns.is_none() {
        plan = strip_for_exists(plan);
    }
    let mut pulled = Vec::new();
    let plan = pull_correlated(plan, &mine, &mut pulled);
    let still_outer = !outer_columns(&plan).is_disjoint(&mine);
    // An EXISTS without a correlated condition is asked once; a join would ask again.
    if still_outer || (match_columns.is_none() && pulled.is_empty()) {
        subquery.plan = original;
        return Err(Box::new((subquery, input)));
    }
    if let Some((op, left, right, collation)) = match_columns {
        let ty = left.ty();
        pulled.push(Expr::Compare {
            op,
            left: Box::new(left),
            right: Box::new(Expr::Column { id: right, ty }),
            collation,
        });
    }
    Ok(Plan::Join(Box::new(Join {
        kind,
        left: input,
        right: plan,
        condition: Expr::and(pulled),
        lateral: false,
    })))
}

/// Drops what cannot change whether there is a row.
fn strip_for_exists(plan: Plan) -> Plan {
    match plan {
        Plan::Project(project) if project.set_returning.is_empty() => {
            strip_for_exists(project.input)
        }
        Plan::Sort(sort) => strip_for_exists(sort.input),
        Plan::Distinct(distinct) => strip_for_exists(distinct.input),
        other => other,
    }
}

/// Takes conditions that mention `outer` out of filters and inner joins near the top. The columns
/// that they mention of the inside stay visible: projections pass them on.
pub fn pull_correlated(plan: Plan, outer: &Columns, pulled: &mut Vec<Expr>) -> Plan {
    match plan {
        Plan::Filter(filter) => {
            let Filter { input, condition } = *filter;
            let (take, keep): (Vec<_>, Vec<_>) = condition
                .conjuncts()
                .into_iter()
                .partition(|c| mentions(c, outer));
            pulled.extend(take);
            super::push_down::wrap(pull_correlated(input, outer, pulled), keep)
        }
        Plan::Join(mut join) if join.kind == JoinKind::Inner && !join.lateral => {
            let condition = std::mem::replace(&mut join.condition, Expr::boolean(true));
            let (take, keep): (Vec<_>, Vec<_>) = condition
                .conjuncts()
                .into_iter()
                .partition(|c| mentions(c, outer));
            pulled.extend(take);
            join.condition = Expr::and(keep);
            let left = std::mem::replace(&mut join.left, Plan::OneRow);
            join.left = pull_correlated(left, outer, pulled);
            let right = std::mem::replace(&mut join.right, Plan::OneRow);
            join.right = pull_correlated(right, outer, pulled);
            Plan::Join(join)
        }
        Plan::Project(mut project) if project.set_returning.is_empty() => {
            let mut inner = Vec::new();
            let input = std::mem::replace(&mut project.input, Plan::OneRow);
            project.input = pull_correlated(input, outer, &mut inner);
            pass_on(&mut project, &inner);
            pulled.extend(inner);
            Plan::Project(project)
        }
        Plan::Sort(mut sort) => {
            let input = std::mem::replace(&mut sort.input, Plan::OneRow);
            sort.input = pull_correlated(input, outer, pulled);
            Plan::Sort(sort)
        }
        other => other,
    }
}

/// True for a condition to pull up. One with a subquery of its own stays, and with it the whole
/// subquery: its references would be out of sight.
fn mentions(expr: &Expr, columns: &Columns) -> bool {
    !columns_of(expr).is_disjoint(columns) && !has_subquery(expr)
}

fn pass_on(project: &mut crate::ir::Project, conditions: &[Expr]) {
    let inside: Columns = produced(&project.input).into_iter().collect();
    for condition in conditions {
        let mut wanted = Vec::new();
        collect_typed(condition, &mut wanted);
        for (id, ty) in wanted {
            let listed = project.columns.iter().any(|(own, _)| *own == id);
            if inside.contains(&id) && !listed {
                project.columns.push((id, Expr::Column { id, ty }));
            }
        }
    }
}

fn collect_typed(expr: &Expr, out: &mut Vec<(ColumnId, types::SqlType)>) {
    if let Expr::Column { id, ty } = expr {
        out.push((*id, *ty));
    }
    crate::ir::for_each_expr(expr, &mut |child| collect_typed(child, out));
}
