//! Drops columns that nothing reads.
//!
//! Ids are unique within the query, and a column is only used above the node that makes it (for a
//! lateral join also on the right of it): one walk from the top, with one set of all ids used so
//! far, is enough.

use std::collections::BTreeSet;

use crate::ir::{
    ColumnId, ConflictAction, Expr, OnConflict, Plan, Query, for_each_column, for_each_expr_mut,
    for_each_node_expr, for_each_node_expr_mut, inputs_mut,
};

type Columns = BTreeSet<ColumnId>;

/// Prunes the whole query; `kept` stay wherever they are passed on.
pub fn prune(query: &mut Query, kept: impl Iterator<Item = ColumnId>) {
    let mut used: Columns = query
        .output
        .iter()
        .map(|column| column.id)
        .chain(kept)
        .collect();
    walk(&mut query.root, &mut used);
}

fn walk(plan: &mut Plan, used: &mut Columns) {
    trim(plan, used);
    mark(plan, used);
    for_each_node_expr_mut(plan, &mut |expr| walk_subqueries(expr, used));
    match plan {
        Plan::With(with) => {
            walk(&mut with.body, used);
            for cte in with.ctes.iter_mut().rev() {
                used.extend(&cte.columns);
                walk(&mut cte.plan, used);
            }
        }
        other => {
            // The right side first: a lateral one uses columns of the left.
            for input in inputs_mut(other).into_iter().rev() {
                walk(input, used);
            }
        }
    }
}

fn walk_subqueries(expr: &mut Expr, used: &mut Columns) {
    for_each_expr_mut(expr, &mut |child| walk_subqueries(child, used));
    if let Expr::Subquery(subquery) = expr {
        used.extend(&subquery.columns);
        walk(&mut subquery.plan, used);
    }
}

/// Removes from the node itself what is not used above it.
fn trim(plan: &mut Plan, used: &Columns) {
    match plan {
        Plan::Scan(scan) => {
            scan.columns.retain(|(id, _)| used.contains(id));
            scan.system.retain(|(id, _)| used.contains(id));
        }
        Plan::CteScan(scan) => scan.columns.retain(|(id, _)| used.contains(id)),
        Plan::Project(project) => project.columns.retain(|(id, _)| used.contains(id)),
        Plan::Aggregate(aggregate) => {
            aggregate.calls.retain(|call| used.contains(&call.id));
            aggregate.grouping.retain(|(id, _)| used.contains(id));
        }
        Plan::Window(window) => {
            window.calls.retain(|call| used.contains(&call.id));
            if window.calls.is_empty() {
                let input = std::mem::replace(&mut window.input, Plan::OneRow);
                *plan = input;
                trim(plan, used);
            }
        }
        _ => {}
    }
}

/// Adds what the node itself reads.
fn mark(plan: &Plan, used: &mut Columns) {
    for_each_node_expr(plan, &mut |expr| {
        for_each_column(expr, &mut |id| {
            used.insert(id);
        });
    });
    match plan {
        Plan::Distinct(distinct) if distinct.on.is_empty() => used.extend(&distinct.columns),
        Plan::SetOp(op) => {
            used.extend(&op.left_columns);
            used.extend(&op.right_columns);
        }
        Plan::RecursiveUnion(union) => {
            used.extend(&union.base_columns);
            used.extend(&union.step_columns);
        }
        Plan::LockRows(lock) => used.extend(lock.targets.iter().map(|target| target.row_id)),
        Plan::Update(update) => {
            used.insert(update.row_id);
            mark_old(&update.rules, &update.old, used, |position| {
                update.assignments.iter().any(|a| a.position == position)
            });
            // `returning` sees the new row: what was not assigned is the old value.
            for (new, old) in update.new.iter().zip(&update.old) {
                if let (true, Some(old)) = (used.contains(new), old) {
                    used.insert(*old);
                }
            }
        }
        Plan::Delete(delete) => {
            used.insert(delete.row_id);
            for rule in &delete.rules.referenced_by {
                mark_positions(&delete.old, &rule.parent_columns, used);
            }
        }
        Plan::Insert(insert) => {
            if let Some(OnConflict {
                action: ConflictAction::Update(update),
                ..
            }) = &insert.on_conflict
            {
                used.extend(&update.existing);
                used.extend(&update.excluded);
            }
        }
        _ => {}
    }
}

/// The old columns that checks, generated columns and foreign keys of an update read. All of them,
/// if there is a rule that could read any: finding the exact set is not worth it.
fn mark_old(
    rules: &crate::ir::TableRules,
    old: &[Option<ColumnId>],
    used: &mut Columns,
    assigned: impl Fn(u16) -> bool,
) {
    let mut wanted: BTreeSet<u16> = BTreeSet::new();
    let exprs = rules.checks.iter().map(|check| &check.condition);
    for expr in exprs.chain(rules.generated.iter().map(|(_, expr)| expr)) {
        for_each_column(expr, &mut |id| {
            wanted.insert(id.0 as u16);
        });
    }
    for rule in &rules.foreign_keys {
        if rule.child_columns.iter().any(|column| assigned(*column)) {
            wanted.extend(&rule.child_columns);
        }
    }
    for rule in &rules.referenced_by {
        if rule.parent_columns.iter().any(|column| assigned(*column)) {
            wanted.extend(&rule.parent_columns);
        }
    }
    // A failed check shows the whole row.
    let columns = rules.table.columns.iter().enumerate();
    let not_null = columns
        .into_iter()
        .any(|(at, c)| c.not_null && assigned(at as u16));
    if not_null || !rules.checks.is_empty() {
        wanted.extend(0..rules.width() as u16);
    }
    let wanted: Vec<u16> = wanted.into_iter().collect();
    mark_positions(old, &wanted, used);
}

fn mark_positions(old: &[Option<ColumnId>], positions: &[u16], used: &mut Columns) {
    for position in positions {
        if let Some(Some(id)) = old.get(usize::from(*position)) {
            used.insert(*id);
        }
    }
}
