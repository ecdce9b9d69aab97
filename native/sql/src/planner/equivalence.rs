//! Columns that the conditions of a join tree make equal: `a = b AND b = c` says `a = c` too.
//!
//! Each class of equal columns gets a condition for every pair of its relations, so that any two
//! sides can be joined by it; of the conditions of one class between two sides one is enough.

use hashbrown::HashMap;
use types::SqlType;

use super::estimate::Facts;
use super::join_order::{JoinCondition, Mask, Relation};
use crate::ir::{Collation, ColumnId, Comparison, Expr};

struct Member {
    id: ColumnId,
    ty: SqlType,
    relation: usize,
}

/// Completes the conditions, and gives those of a class its number.
pub fn complete(
    relations: &mut [Relation<'_>],
    conditions: &mut Vec<JoinCondition>,
    facts: &Facts,
) {
    let mut classes: Vec<(Collation, Vec<Member>)> = Vec::new();
    for condition in conditions.iter() {
        let Some((left, right, collation)) = sides(condition, relations) else {
            continue;
        };
        add(&mut classes, left, right, collation);
    }
    let mut class_of: HashMap<ColumnId, usize> = HashMap::new();
    for (number, (_, members)) in classes.iter().enumerate() {
        class_of.extend(members.iter().map(|member| (member.id, number)));
    }
    for condition in conditions.iter_mut() {
        if let Some((left, _, collation)) = sides(condition, relations) {
            let class = class_of.get(&left.id).copied();
            condition.class = class.filter(|class| classes[*class].0 == collation);
        }
    }
    for (number, (collation, members)) in classes.iter().enumerate() {
        for (at, left) in members.iter().enumerate() {
            for right in &members[at + 1..] {
                let expr = equal(left, right, *collation);
                if left.relation == right.relation {
                    relations[left.relation].conditions.push(expr);
                    continue;
                }
                let mask = (1 << left.relation) | (1 << right.relation);
                let known = |c: &JoinCondition| {
                    c.mask == mask && c.class == Some(number) && is_between(&c.expr, left, right)
                };
                if !conditions.iter().any(known) {
                    conditions.push(JoinCondition {
                        selectivity: facts.selectivity(&expr),
                        expr,
                        mask,
                        class: Some(number),
                    });
                }
            }
        }
    }
}

fn equal(left: &Member, right: &Member, collation: Collation) -> Expr {
    Expr::Compare {
        op: Comparison::Eq,
        left: Box::new(Expr::column(left.id, left.ty)),
        right: Box::new(Expr::column(right.id, right.ty)),
        collation,
    }
}

fn is_between(expr: &Expr, left: &Member, right: &Member) -> bool {
    let Expr::Compare {
        left: a, right: b, ..
    } = expr
    else {
        return false;
    };
    let ids = (a.as_column(), b.as_column());
    ids == (Some(left.id), Some(right.id)) || ids == (Some(right.id), Some(left.id))
}

/// The two columns of an equality of columns of two relations.
fn sides(
    condition: &JoinCondition,
    relations: &[Relation<'_>],
) -> Option<(Member, Member, Collation)> {
    let Expr::Compare {
        op: Comparison::Eq,
        left,
        right,
        collation,
    } = &condition.expr
    else {
        return None;
    };
    let member = |expr: &Expr| {
        let id = expr.as_column()?;
        let relation = relations.iter().position(|r| r.columns.contains(&id))?;
        let ty = expr.ty();
        Some(Member { id, ty, relation })
    };
    let (left, right) = (member(left)?, member(right)?);
    (left.ty.oid == right.ty.oid).then_some((left, right, *collation))
}

fn add(
    classes: &mut Vec<(Collation, Vec<Member>)>,
    left: Member,
    right: Member,
    collation: Collation,
) {
    let find = |classes: &[(Collation, Vec<Member>)], id: ColumnId| {
        let has = |(other, members): &(Collation, Vec<Member>)| {
            *other == collation && members.iter().any(|member| member.id == id)
        };
        classes.iter().position(has)
    };
    match (find(classes, left.id), find(classes, right.id)) {
        (Some(a), Some(b)) if a == b => {}
        (Some(a), Some(b)) => {
            let (kept, gone) = (a.min(b), a.max(b));
            let (_, members) = classes.remove(gone);
            classes[kept].1.extend(members);
        }
        (Some(a), None) => classes[a].1.push(right),
        (None, Some(b)) => classes[b].1.push(left),
        (None, None) => classes.push((collation, vec![left, right])),
    }
}

/// Where the equalities of two relations cover a unique key of one of them, each row of the other
/// finds at most one: the conditions are no more selective than that, however many they are.
pub fn limit_by_keys(relations: &[Relation<'_>], conditions: &mut [JoinCondition]) {
    for (at, relation) in relations.iter().enumerate() {
        let Some((scan, context)) = &relation.scan else {
            continue;
        };
        let keys = context.rules.indexes.iter().filter(|rule| {
            rule.index.unique && rule.predicate.is_none() && rule.index.keys.len() > 1
        });
        for rule in keys {
            for (other, _) in relations
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != at)
            {
                let mask: Mask = (1 << at) | (1 << other);
                let column_of = |attnum: i16| {
                    let mut columns = scan.columns.iter();
                    let found = columns.find(|(_, position)| *position as i16 + 1 == attnum);
                    found.map(|(id, _)| *id)
                };
                let condition_on = |attnum: i16| {
                    let id = column_of(attnum)?;
                    conditions
                        .iter()
                        .position(|c| c.mask == mask && c.class.is_some() && mentions(&c.expr, id))
                };
                let used = rule.index.keys.iter().map(|key| condition_on(key.attnum));
                let Some(used) = used.collect::<Option<Vec<usize>>>() else {
                    continue;
                };
                let product: f64 = used.iter().map(|at| conditions[*at].selectivity).product();
                let least = 1.0 / context.rows;
                if product > 0.0 && product < least {
                    let share = (least / product).powf(1.0 / used.len() as f64);
                    for at in used {
                        conditions[at].selectivity *= share;
                    }
                }
            }
        }
    }
}

fn mentions(expr: &Expr, id: ColumnId) -> bool {
    let Expr::Compare { left, right, .. } = expr else {
        return false;
    };
    left.as_column() == Some(id) || right.as_column() == Some(id)
}
