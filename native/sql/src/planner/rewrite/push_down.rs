//! Moves conditions as far down as they may go, and turns outer joins that cannot show their nulls
//! into inner ones.

use std::collections::BTreeSet;

use hashbrown::HashMap;

use super::disjunctions::implied;
use super::outer_joins::simplify_join;
use super::substitute;
use crate::ir::{
    Aggregate, ColumnId, Expr, Filter, Join, JoinKind, Plan, Project, SetOp, columns_of,
    for_each_expr, for_each_node_expr_mut, inputs_mut, map_expr, outer_columns, produced,
};
use crate::planner::properties::{has_subquery, is_volatile};

/// Pushes all conditions of the plan down, those of subqueries within themselves.
pub fn push_down(plan: Plan) -> Plan {
    push(plan, Vec::new())
}

type Columns = BTreeSet<ColumnId>;

/// The plan with `conditions` applied, as low as possible.
fn push(mut plan: Plan, mut conditions: Vec<Expr>) -> Plan {
    for_each_node_expr_mut(&mut plan, &mut push_in_subqueries);
    match plan {
        Plan::Filter(filter) => {
            let Filter { input, condition } = *filter;
            let own = condition.conjuncts();
            // A volatile condition is evaluated once for each row that reaches it: it stays.
            let (stay, move_on): (Vec<_>, Vec<_>) = own.into_iter().partition(is_volatile);
            conditions.extend(move_on);
            if stay.is_empty() {
                push(input, conditions)
            } else {
                wrap(push(input, conditions), stay)
            }
        }
        Plan::Join(join) => push_join(*join, conditions),
        Plan::Project(project) => push_project(*project, conditions),
        Plan::Aggregate(aggregate) => push_aggregate(*aggregate, conditions),
        Plan::SetOp(op) => push_set_op(*op, conditions),
        Plan::Sort(mut sort) => {
            sort.input = push(sort.input, conditions);
            Plan::Sort(sort)
        }
        Plan::Distinct(mut distinct) => {
            let keys: Columns = match distinct.on.is_empty() {
                true => distinct.columns.iter().copied().collect(),
                false => distinct.on.iter().filter_map(Expr::as_column).collect(),
            };
            let (down, stay) = split(conditions, |c| columns_of(c).is_subset(&keys));
            distinct.input = push(distinct.input, down);
            wrap(Plan::Distinct(distinct), stay)
        }
        Plan::Window(mut window) => {
            let keys: Columns = window
                .partition_by
                .iter()
                .filter_map(Expr::as_column)
                .collect();
            let (down, stay) = split(conditions, |c| {
                let used = columns_of(c);
                !used.is_empty() && used.is_subset(&keys)
            });
            window.input = push(window.input, down);
            wrap(Plan::Window(window), stay)
        }
        Plan::With(mut with) => {
            for cte in &mut with.ctes {
                let taken = std::mem::replace(&mut cte.plan, Plan::OneRow);
                cte.plan = push(taken, Vec::new());
            }
            with.body = push(with.body, conditions);
            Plan::With(with)
        }
        mut other => {
            for input in inputs_mut(&mut other) {
                let taken = std::mem::replace(input, Plan::OneRow);
                *input = push(taken, Vec::new());
            }
            wrap(other, conditions)
        }
    }
}

fn push_in_subqueries(expr: &mut Expr) {
    let taken = std::mem::replace(expr, Expr::And(Vec::new()));
    *expr = map_expr(taken, &mut |node| match node {
        Expr::Subquery(mut subquery) => {
            let plan = std::mem::replace(&mut subquery.plan, Plan::OneRow);
            subquery.plan = push(plan, Vec::new());
            Expr::Subquery(subquery)
        }
        other => other,
    });
}

/// A filter over the plan, unless there is nothing to filter by.
pub fn wrap(plan: Plan, conditions: Vec<Expr>) -> Plan {
    if conditions.is_empty() {
        return plan;
    }
    Plan::Filter(Box::new(Filter {
        input: plan,
        condition: Expr::and(conditions),
    }))
}

fn split(list: Vec<Expr>, mut down: impl FnMut(&Expr) -> bool) -> (Vec<Expr>, Vec<Expr>) {
    list.into_iter().partition(|expr| down(expr))
}

fn set(plan: &Plan) -> Columns {
    produced(plan).into_iter().collect()
}

fn push_join(join: Join, above: Vec<Expr>) -> Plan {
    let Join {
        kind,
        left,
        right,
        condition,
        lateral,
    } = simplify_join(join, &above);
    let (left_columns, right_columns) = (set(&left), set(&right));
    let on_left = |c: &Expr| columns_of(c).is_disjoint(&right_columns);
    let on_right = |c: &Expr| columns_of(c).is_disjoint(&left_columns);
    let own = condition.conjuncts();
    let own: Vec<Expr> = own.into_iter().filter(|c| !is_true(c)).collect();
    let (mut to_left, mut to_right, mut here, mut stay) = (vec![], vec![], vec![], vec![]);
    match kind {
        JoinKind::Inner => {
            for c in above.into_iter().chain(own) {
                if is_volatile(&c) {
                    here.push(c);
                } else if on_left(&c) {
                    to_left.push(c);
                } else if on_right(&c) {
                    to_right.push(c);
                } else {
                    to_left.extend(implied(&c, &on_left));
                    to_right.extend(implied(&c, &on_right));
                    here.push(c);
                }
            }
        }
        JoinKind::Left | JoinKind::Semi | JoinKind::Anti => {
            // A subquery that stayed is run for fewer rows above a join that drops some.
            let drops = kind != JoinKind::Left;
            (to_left, stay) = split(above, |c| on_left(c) && !(drops && has_correlated(c)));
            for c in own {
                if !is_volatile(&c) && on_right(&c) {
                    to_right.push(c);
                } else if kind == JoinKind::Semi && !is_volatile(&c) && on_left(&c) {
                    to_left.push(c);
                } else {
                    here.push(c);
                }
            }
        }
        // Right joins were mirrored by `simplify_join`.
        JoinKind::Right | JoinKind::Full => {
            here = own;
            stay = above;
        }
    }
    let joined = Plan::Join(Box::new(Join {
        kind,
        left: push(left, to_left),
        right: push(right, to_right),
        condition: Expr::and(here),
        lateral,
    }));
    wrap(joined, stay)
}

/// True of a subquery that is run for each row, not once.
fn has_correlated(expr: &Expr) -> bool {
    let own = match expr {
        Expr::Subquery(subquery) => !outer_columns(&subquery.plan).is_empty(),
        _ => false,
    };
    let mut found = own;
    for_each_expr(expr, &mut |child| found |= has_correlated(child));
    found
}

fn is_true(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Const {
            value: types::Datum::Bool(true),
            ..
        }
    )
}

fn push_project(mut project: Project, conditions: Vec<Expr>) -> Plan {
    let usable: HashMap<ColumnId, Expr> = project
        .columns
        .iter()
        .filter(|(_, expr)| !is_volatile(expr) && !has_subquery(expr))
        .cloned()
        .collect();
    let own = project.columns.iter().map(|(id, _)| *id);
    let sets = project
        .set_returning
        .iter()
        .flat_map(|item| item.columns.iter().copied());
    let blocked: Columns = own
        .filter(|id| !usable.contains_key(id))
        .chain(sets)
        .collect();
    // With a set-returning function the row must be there to be repeated: pushing still is sound.
    let (down, stay) = split(conditions, |c| columns_of(c).is_disjoint(&blocked));
    let down = down.into_iter().map(|c| substitute(c, &usable)).collect();
    project.input = push(project.input, down);
    wrap(Plan::Project(Box::new(project)), stay)
}

fn push_aggregate(mut aggregate: Aggregate, conditions: Vec<Expr>) -> Plan {
    let keys: HashMap<ColumnId, Expr> = match &aggregate.sets {
        None => aggregate
            .keys
            .iter()
            .filter(|(_, e)| !is_volatile(e))
            .cloned()
            .collect(),
        Some(_) => HashMap::new(),
    };
    let (down, stay) = split(conditions, |c| {
        let used = columns_of(c);
        !used.is_empty() && used.iter().all(|id| keys.contains_key(id))
    });
    let down = down.into_iter().map(|c| substitute(c, &keys)).collect();
    aggregate.input = push(aggregate.input, down);
    wrap(Plan::Aggregate(Box::new(aggregate)), stay)
}

fn push_set_op(mut op: SetOp, conditions: Vec<Expr>) -> Plan {
    let side = |columns: &[ColumnId]| -> HashMap<ColumnId, ColumnId> {
        op.columns
            .iter()
            .copied()
            .zip(columns.iter().copied())
            .collect()
    };
    let (left, right) = (side(&op.left_columns), side(&op.right_columns));
    let renamed = |map: &HashMap<ColumnId, ColumnId>| {
        let rename = |c: &Expr| {
            map_expr(c.clone(), &mut |node| match node {
                Expr::Column { id, ty } => Expr::Column {
                    id: map.get(&id).copied().unwrap_or(id),
                    ty,
                },
                other => other,
            })
        };
        conditions
            .iter()
            .filter(|c| !has_subquery(c))
            .map(rename)
            .collect::<Vec<_>>()
    };
    let (to_left, to_right) = (renamed(&left), renamed(&right));
    op.left = push(op.left, to_left);
    op.right = push(op.right, to_right);
    let stay = conditions.into_iter().filter(has_subquery).collect();
    wrap(Plan::SetOp(Box::new(op)), stay)
}
