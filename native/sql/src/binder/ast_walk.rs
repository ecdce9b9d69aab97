//! Walks over syntax trees, to find out about names before they are bound.

use parser as ast;

/// Calls `visit` for each direct operand of an expression; queries inside it are `queries`'.
pub(crate) fn operands<'t>(expr: &'t ast::Expr, visit: &mut dyn FnMut(&'t ast::Expr)) {
    use ast::ExprKind as K;
    match &expr.kind {
        K::Const(_)
        | K::ColumnRef(_)
        | K::Param(_)
        | K::SqlValue { .. }
        | K::Default
        | K::CurrentOf(_) => {}
        K::Op(op) => op.left.iter().chain([&op.right]).for_each(visit),
        K::And(args)
        | K::Or(args)
        | K::Coalesce(args)
        | K::Greatest(args)
        | K::Least(args)
        | K::Array(args)
        | K::Grouping(args)
        | K::Row { args, .. } => args.iter().for_each(visit),
        K::Not(arg)
        | K::IsNull { arg, .. }
        | K::BooleanTest { arg, .. }
        | K::Collate { arg, .. } => visit(arg),
        K::FuncCall(call) => call_operands(call, visit),
        K::Cast(cast) => visit(&cast.arg),
        K::Case(case) => {
            case.arg.iter().for_each(&mut *visit);
            for when in &case.whens {
                visit(&when.when);
                visit(&when.then);
            }
            case.default.iter().for_each(visit);
        }
        K::NullIf(args) => args.iter().for_each(visit),
        K::DistinctFrom { operands, .. } => operands.iter().for_each(visit),
        K::In { arg, list, .. } => {
            visit(arg);
            list.iter().for_each(visit);
        }
        K::AnyAll(any) => {
            visit(&any.left);
            visit(&any.array);
        }
        K::Between(b) => [&b.arg, &b.low, &b.high].into_iter().for_each(visit),
        K::Like(like) => {
            visit(&like.arg);
            visit(&like.pattern);
            like.escape.iter().for_each(visit);
        }
        K::SubLink(link) => match &link.kind {
            ast::SubLinkKind::Any { left, .. } | ast::SubLinkKind::All { left, .. } => visit(left),
            _ => {}
        },
        K::Indirection { arg, path } => {
            visit(arg);
            for step in path {
                match step {
                    ast::Indirection::Index(index) => visit(index),
                    ast::Indirection::Slice { lower, upper } => {
                        lower.iter().chain(upper).for_each(&mut *visit);
                    }
                    _ => {}
                }
            }
        }
    }
}

fn call_operands<'t>(call: &'t ast::FuncCall, visit: &mut dyn FnMut(&'t ast::Expr)) {
    call.args.iter().for_each(|a| visit(&a.value));
    call.order_by.iter().for_each(|s| visit(&s.expr));
    call.filter.iter().for_each(&mut *visit);
    if let Some(over) = &call.over {
        window_exprs(over, visit);
    }
}

fn window_exprs<'t>(window: &'t ast::WindowDef, visit: &mut dyn FnMut(&'t ast::Expr)) {
    window.partition_by.iter().for_each(&mut *visit);
    window.order_by.iter().for_each(|s| visit(&s.expr));
    if let Some(frame) = &window.frame {
        for bound in std::iter::once(&frame.start).chain(&frame.end) {
            if let ast::FrameBound::Preceding(e) | ast::FrameBound::Following(e) = bound {
                visit(e);
            }
        }
    }
}

/// Calls `visit` for every table that a query names, at any depth.
pub(crate) fn query<'t>(query_ref: &'t ast::Query, visit: &mut dyn FnMut(&'t ast::TableRef)) {
    if let Some(with) = &query_ref.with {
        for cte in &with.ctes {
            if let ast::CteQuery::Query(inner) = &cte.query {
                query(inner, visit);
            }
        }
    }
    match &query_ref.body {
        ast::QueryBody::Select(select) => self::select(select, visit),
        ast::QueryBody::Values(rows) => rows.iter().flatten().for_each(|e| expr(e, visit)),
        ast::QueryBody::SetOp(op) => op.inputs.iter().for_each(|q| query(q, visit)),
    }
    query_ref.order_by.iter().for_each(|s| expr(&s.expr, visit));
    query_ref
        .limit
        .iter()
        .chain(&query_ref.offset)
        .for_each(|e| expr(e, visit));
}

fn select<'t>(select: &'t ast::Select, visit: &mut dyn FnMut(&'t ast::TableRef)) {
    if let ast::Distinct::On(exprs) = &select.distinct {
        exprs.iter().for_each(|e| expr(e, visit));
    }
    select.targets.iter().for_each(|t| expr(&t.expr, visit));
    select.from.iter().for_each(|f| from_item(f, visit));
    select
        .filter
        .iter()
        .chain(&select.having)
        .for_each(|e| expr(e, visit));
    select.group_by.iter().for_each(|g| group_item(g, visit));
    for window in &select.windows {
        window_exprs(window, &mut |e| expr(e, visit));
    }
}

fn group_item<'t>(item: &'t ast::GroupItem, visit: &mut dyn FnMut(&'t ast::TableRef)) {
    match item {
        ast::GroupItem::Expr(e) => expr(e, visit),
        ast::GroupItem::Empty => {}
        ast::GroupItem::Rollup { items, .. }
        | ast::GroupItem::Cube { items, .. }
        | ast::GroupItem::GroupingSets { items, .. } => {
            items.iter().for_each(|i| group_item(i, visit));
        }
    }
}

fn from_item<'t>(item: &'t ast::FromItem, visit: &mut dyn FnMut(&'t ast::TableRef)) {
    match item {
        ast::FromItem::Table(table) => visit(table),
        ast::FromItem::Subquery(subquery) => query(&subquery.query, visit),
        ast::FromItem::Function(function) => {
            function.functions.iter().for_each(|f| expr(&f.expr, visit));
        }
        ast::FromItem::Join(join) => {
            from_item(&join.left, visit);
            from_item(&join.right, visit);
            if let ast::JoinCondition::On(condition) = &join.condition {
                expr(condition, visit);
            }
        }
        ast::FromItem::Sample(sample) => from_item(&sample.relation, visit),
    }
}

/// Calls `visit` for every table that queries within an expression name.
pub(crate) fn expr<'t>(e: &'t ast::Expr, visit: &mut dyn FnMut(&'t ast::TableRef)) {
    if let ast::ExprKind::SubLink(link) = &e.kind {
        query(&link.query, visit);
    }
    operands(e, &mut |operand| expr(operand, visit));
}

/// True if a query mentions a relation of that bare name.
pub(crate) fn query_mentions(q: &ast::Query, name: &str) -> bool {
    let mut found = false;
    query(q, &mut |table| {
        found |= table.name.schema.is_none() && table.name.name == name;
    });
    found
}
