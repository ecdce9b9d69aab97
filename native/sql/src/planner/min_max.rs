//! `SELECT min(x), max(x) FROM t WHERE ...` as the first row of an index, a subquery an aggregate.

use std::collections::BTreeSet;

use super::access_path::order_of;
use super::index_match::{match_index, predicate_holds};
use crate::access::PlanContext;
use crate::ir::{
    Aggregate, AggregateCall, ColumnId, ColumnTable, Expr, Filter, Limit, Plan, Project, Scan,
    Sort, SortKey, Subquery, SubqueryKind,
};

/// Rewrites every aggregate of the plan that only asks for ends of indexes.
pub fn rewrite(plan: &mut Plan, columns: &mut ColumnTable, context: &dyn PlanContext) {
    super::rewrite::each_plan_mut(plan, &mut |node| {
        let Plan::Aggregate(aggregate) = node else {
            return;
        };
        if let Some(project) = ends(aggregate, columns, context) {
            *node = project;
        }
    });
}

fn ends(
    aggregate: &Aggregate,
    columns: &mut ColumnTable,
    context: &dyn PlanContext,
) -> Option<Plan> {
    let plain = aggregate.keys.is_empty()
        && aggregate.sets.is_none()
        && aggregate.grouping.is_empty()
        && !aggregate.calls.is_empty();
    if !plain {
        return None;
    }
    let (scan, conditions) = match &aggregate.input {
        Plan::Scan(scan) => (scan, Vec::new()),
        Plan::Filter(filter) => match &filter.input {
            Plan::Scan(scan) => (scan, filter.condition.clone().conjuncts()),
            _ => return None,
        },
        _ => return None,
    };
    let mut list = Vec::with_capacity(aggregate.calls.len());
    for call in &aggregate.calls {
        let expr = end(call, scan, &conditions, columns, context)?;
        list.push((call.id, expr));
    }
    Some(Plan::Project(Box::new(Project {
        input: Plan::OneRow,
        columns: list,
        set_returning: Vec::new(),
    })))
}

/// The subquery that gives one end, if an index has the order.
fn end(
    call: &AggregateCall,
    scan: &Scan,
    conditions: &[Expr],
    columns: &mut ColumnTable,
    context: &dyn PlanContext,
) -> Option<Expr> {
    let descending = match call.function.name {
        "min" => false,
        "max" => true,
        _ => return None,
    };
    let [arg @ Expr::Column { id, ty }] = call.args.as_slice() else {
        return None;
    };
    if call.filter.is_some() {
        return None;
    }
    let key = SortKey {
        expr: arg.clone(),
        descending,
        nulls_first: descending,
        collation: call.collation,
    };
    let mut conditions = conditions.to_vec();
    conditions.push(Expr::IsNull {
        arg: Box::new(arg.clone()),
        negated: true,
    });
    let rules = context.rules(scan.table.oid).ok()?;
    let mine: BTreeSet<ColumnId> = scan.columns.iter().map(|(id, _)| *id).collect();
    let keys = std::slice::from_ref(&key);
    let found = rules.indexes.iter().any(|rule| {
        rule.index.valid
            && predicate_holds(rule, scan, &conditions)
            && order_of(
                rule,
                scan,
                &match_index(rule, scan, &mine, &conditions),
                keys,
            )
            .is_some()
    });
    if !found {
        return None;
    }
    let filtered = Plan::Filter(Box::new(Filter {
        input: Plan::Scan(Box::new(scan.clone())),
        condition: Expr::and(conditions),
    }));
    let sorted = Plan::Sort(Box::new(Sort {
        input: filtered,
        keys: vec![key],
    }));
    let eight = types::SqlType::new(types::TypeOid::INT8);
    let first = Plan::Limit(Box::new(Limit {
        input: sorted,
        limit: Some(Expr::constant(types::Datum::I64(1), eight)),
        offset: None,
        with_ties: false,
    }));
    let value = columns.duplicate(*id);
    let plan = Plan::Project(Box::new(Project {
        input: first,
        columns: vec![(value, arg.clone())],
        set_returning: Vec::new(),
    }));
    Some(Expr::Subquery(Box::new(Subquery {
        kind: SubqueryKind::Scalar,
        plan,
        columns: vec![value],
        ty: *ty,
    })))
}
