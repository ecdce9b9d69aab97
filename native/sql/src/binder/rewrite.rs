//! Rewriting of syntax trees by what binding learned of their places (see `definition`), and
//! renaming of what kept trees mention.

use super::definition::Recorder;
use parser as ast;

/// Calls `visit` for each direct operand of an expression.
pub(crate) fn operands_mut(expr: &mut ast::Expr, visit: &mut dyn FnMut(&mut ast::Expr)) {
    use ast::ExprKind as K;
    match &mut expr.kind {
        K::Const(_)
        | K::ColumnRef(_)
        | K::Param(_)
        | K::SqlValue { .. }
        | K::Default
        | K::CurrentOf(_) => {}
        K::Op(op) => {
            op.left.iter_mut().for_each(&mut *visit);
            visit(&mut op.right);
        }
        K::And(args)
        | K::Or(args)
        | K::Coalesce(args)
        | K::Greatest(args)
        | K::Least(args)
        | K::Array(args)
        | K::Grouping(args)
        | K::Row { args, .. } => args.iter_mut().for_each(visit),
        K::Not(arg)
        | K::IsNull { arg, .. }
        | K::BooleanTest { arg, .. }
        | K::Collate { arg, .. } => visit(arg),
        K::FuncCall(call) => {
            call.args.iter_mut().for_each(|a| visit(&mut a.value));
            call.order_by.iter_mut().for_each(|s| visit(&mut s.expr));
            call.filter.iter_mut().for_each(&mut *visit);
            call.over.iter_mut().for_each(|w| window(w, visit));
        }
        K::Cast(cast) => visit(&mut cast.arg),
        K::Case(case) => {
            case.arg.iter_mut().for_each(&mut *visit);
            for when in &mut case.whens {
                visit(&mut when.when);
                visit(&mut when.then);
            }
            case.default.iter_mut().for_each(visit);
        }
        K::NullIf(args) => args.iter_mut().for_each(visit),
        K::DistinctFrom { operands, .. } => operands.iter_mut().for_each(visit),
        K::In { arg, list, .. } => {
            visit(arg);
            list.iter_mut().for_each(visit);
        }
        K::AnyAll(any) => {
            visit(&mut any.left);
            visit(&mut any.array);
        }
        K::Between(b) => [&mut b.arg, &mut b.low, &mut b.high]
            .into_iter()
            .for_each(visit),
        K::Like(like) => {
            visit(&mut like.arg);
            visit(&mut like.pattern);
            like.escape.iter_mut().for_each(visit);
        }
        K::SubLink(link) => match &mut link.kind {
            ast::SubLinkKind::Any { left, .. } | ast::SubLinkKind::All { left, .. } => visit(left),
            _ => {}
        },
        K::Indirection { arg, path } => {
            visit(arg);
            for step in path {
                match step {
                    ast::Indirection::Index(index) => visit(index),
                    ast::Indirection::Slice { lower, upper } => {
                        lower.iter_mut().chain(upper).for_each(&mut *visit);
                    }
                    _ => {}
                }
            }
        }
    }
}

fn window(window: &mut ast::WindowDef, visit: &mut dyn FnMut(&mut ast::Expr)) {
    window.partition_by.iter_mut().for_each(&mut *visit);
    window.order_by.iter_mut().for_each(|s| visit(&mut s.expr));
    if let Some(frame) = &mut window.frame {
        for bound in std::iter::once(&mut frame.start).chain(&mut frame.end) {
            if let ast::FrameBound::Preceding(e) | ast::FrameBound::Following(e) = bound {
                visit(e);
            }
        }
    }
}

/// What a change of a whole tree does at each place.
pub(crate) trait Change {
    fn table(&mut self, _table: &mut ast::TableRef) {}
    fn expr(&mut self, _expr: &mut ast::Expr) {}
    fn targets(&mut self, _targets: &mut Vec<ast::SelectItem>) {}
}

/// Applies a change to every place of a query, inner queries first.
pub(crate) fn change_query(query: &mut ast::Query, change: &mut dyn Change) {
    if let Some(with) = &mut query.with {
        for cte in &mut with.ctes {
            if let ast::CteQuery::Query(inner) = &mut cte.query {
                change_query(inner, change);
            }
        }
    }
    match &mut query.body {
        ast::QueryBody::Select(select) => change_select(select, change),
        ast::QueryBody::Values(rows) => {
            rows.iter_mut()
                .flatten()
                .for_each(|e| change_expr(e, change));
        }
        ast::QueryBody::SetOp(op) => {
            op.inputs.iter_mut().for_each(|q| change_query(q, change));
        }
    }
    query
        .order_by
        .iter_mut()
        .for_each(|s| change_expr(&mut s.expr, change));
    query
        .limit
        .iter_mut()
        .chain(&mut query.offset)
        .for_each(|e| change_expr(e, change));
}

fn change_select(select: &mut ast::Select, change: &mut dyn Change) {
    if let ast::Distinct::On(exprs) = &mut select.distinct {
        exprs.iter_mut().for_each(|e| change_expr(e, change));
    }
    change.targets(&mut select.targets);
    select
        .targets
        .iter_mut()
        .for_each(|t| change_expr(&mut t.expr, change));
    select.from.iter_mut().for_each(|f| change_from(f, change));
    select
        .filter
        .iter_mut()
        .chain(&mut select.having)
        .for_each(|e| change_expr(e, change));
    select
        .group_by
        .iter_mut()
        .for_each(|g| change_group(g, change));
    for w in &mut select.windows {
        window(w, &mut |e| change_expr(e, change));
    }
}

fn change_group(item: &mut ast::GroupItem, change: &mut dyn Change) {
    match item {
        ast::GroupItem::Expr(e) => change_expr(e, change),
        ast::GroupItem::Empty => {}
        ast::GroupItem::Rollup { items, .. }
        | ast::GroupItem::Cube { items, .. }
        | ast::GroupItem::GroupingSets { items, .. } => {
            items.iter_mut().for_each(|i| change_group(i, change));
        }
    }
}

fn change_from(item: &mut ast::FromItem, change: &mut dyn Change) {
    match item {
        ast::FromItem::Table(table) => change.table(table),
        ast::FromItem::Subquery(subquery) => change_query(&mut subquery.query, change),
        ast::FromItem::Function(function) => {
            function
                .functions
                .iter_mut()
                .for_each(|f| change_expr(&mut f.expr, change));
        }
        ast::FromItem::Join(join) => {
            change_from(&mut join.left, change);
            change_from(&mut join.right, change);
            if let ast::JoinCondition::On(condition) = &mut join.condition {
                change_expr(condition, change);
            }
        }
        ast::FromItem::Sample(sample) => change_from(&mut sample.relation, change),
    }
}

pub(crate) fn change_expr(expr: &mut ast::Expr, change: &mut dyn Change) {
    if let ast::ExprKind::SubLink(link) = &mut expr.kind {
        change_query(&mut link.query, change);
    }
    operands_mut(expr, &mut |operand| change_expr(operand, change));
    change.expr(expr);
}

/// Rewrites an expression of a definition.
pub(super) fn expr(e: &mut ast::Expr, recorder: &Recorder) {
    change_expr(e, &mut Keep(recorder));
}

/// Rewrites a query of a definition.
pub(super) fn query(q: &mut ast::Query, recorder: &Recorder) {
    change_query(q, &mut Keep(recorder));
}

struct Keep<'r>(&'r Recorder);

impl Change for Keep<'_> {
    fn table(&mut self, table: &mut ast::TableRef) {
        let at = table.name.location.byte_offset();
        let Some((schema, columns)) = at.and_then(|at| self.0.tables.get(&at)) else {
            return;
        };
        table.name.schema = Some(schema.clone());
        let alias = table.alias.get_or_insert_with(|| ast::TableAlias {
            name: table.name.name.clone(),
            columns: Vec::new(),
        });
        let rest = columns.get(alias.columns.len()..).unwrap_or_default();
        alias.columns.extend(rest.iter().cloned());
    }

    fn expr(&mut self, e: &mut ast::Expr) {
        // The literal inside a cast is replaced; one that stood alone gets the cast.
        let oid_at = |e: &ast::Expr, recorder: &Recorder| match &e.kind {
            ast::ExprKind::Const(ast::Literal::String(_)) => e
                .location
                .byte_offset()
                .and_then(|at| recorder.objects.get(&at))
                .copied(),
            _ => None,
        };
        if let ast::ExprKind::Cast(cast) = &mut e.kind {
            if let ast::ExprKind::Cast(inner) = &mut cast.arg.kind
                && is_regclass(&inner.type_name)
                && is_regclass(&cast.type_name)
            {
                let inner = inner.arg.clone();
                cast.arg = inner;
            }
            return;
        }
        if let Some(oid) = oid_at(e, self.0) {
            let literal = ast::Literal::String(oid.to_string());
            let arg = ast::Expr::new(ast::ExprKind::Const(literal), e.location);
            let type_name = ast::TypeName {
                names: vec!["pg_catalog".into(), "regclass".into()],
                ..ast::TypeName::default()
            };
            e.kind = ast::ExprKind::Cast(Box::new(ast::CastExpr { arg, type_name }));
        }
    }

    fn targets(&mut self, targets: &mut Vec<ast::SelectItem>) {
        let old = std::mem::take(targets);
        for item in old {
            let at = item.expr.location.byte_offset();
            let is_star = matches!(&item.expr.kind, ast::ExprKind::ColumnRef(parts)
                if parts.last() == Some(&ast::NamePart::Star));
            let Some(columns) = at.filter(|_| is_star).and_then(|at| self.0.stars.get(&at)) else {
                targets.push(item);
                continue;
            };
            for (qualifier, name) in columns {
                let mut parts = Vec::with_capacity(2);
                if !qualifier.is_empty() {
                    parts.push(ast::NamePart::Name(qualifier.clone()));
                }
                parts.push(ast::NamePart::Name(name.clone()));
                let kind = ast::ExprKind::ColumnRef(parts);
                let expr = ast::Expr::new(kind, ast::Location::NONE);
                targets.push(ast::SelectItem {
                    expr,
                    alias: None,
                    location: item.location,
                });
            }
        }
    }
}

fn is_regclass(name: &ast::TypeName) -> bool {
    name.name() == "regclass"
}
