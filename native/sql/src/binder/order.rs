//! ORDER BY and DISTINCT of a SELECT: keys are output columns, found or added
//! (`findTargetlistEntrySQL92`, `transformDistinctClause`).

use super::binder::Binder;
use super::expr_kind::ExprKind;
use super::same::same;
use super::subquery::BoundColumn;
use super::target::Target;
use super::typed::Typed;
use super::values::start_of;
use crate::ir::{Distinct, Expr, Plan, Sort, SortKey};
use common::{Error, Result, err, sqlstate};
use parser as ast;

/// A sort key over an output column; its expression is filled in above the projection.
#[derive(Debug, Clone)]
pub(super) struct TargetKey {
    pub target: usize,
    pub key: SortKey,
}

/// DISTINCT with output columns instead of expressions.
#[derive(Debug)]
pub(super) enum BoundDistinct {
    All,
    Distinct,
    On(Vec<usize>),
}

impl Binder<'_> {
    pub(super) fn bind_order_by(
        &mut self,
        query: &ast::Query,
        targets: &mut Vec<Target>,
    ) -> Result<Vec<TargetKey>> {
        let mut keys: Vec<TargetKey> = Vec::with_capacity(query.order_by.len());
        for item in &query.order_by {
            let at = self.find_target(&item.expr, targets, ExprKind::OrderBy, "ORDER BY")?;
            let value = self.resolve_unknown(targets[at].value.clone())?;
            targets[at].value = value.clone();
            let placed = Typed {
                location: start_of(&item.expr),
                ..value
            };
            let key = self.sort_key(placed, item)?;
            if !keys.iter().any(|known| known.target == at) {
                keys.push(TargetKey { target: at, key });
            }
        }
        Ok(keys)
    }

    /// The output column that an item means: by name, by position, by expression; else a new one.
    fn find_target(
        &mut self,
        expr: &ast::Expr,
        targets: &mut Vec<Target>,
        kind: ExprKind,
        clause: &str,
    ) -> Result<usize> {
        let at = expr.location;
        match &expr.kind {
            ast::ExprKind::ColumnRef(parts) => {
                if let [ast::NamePart::Name(name)] = parts.as_slice()
                    && let Some(found) = self.target_named(name, targets, clause, at)?
                {
                    return Ok(found);
                }
            }
            ast::ExprKind::Const(ast::Literal::Int(position)) => {
                let index = usize::try_from(*position)
                    .ok()
                    .and_then(|p| p.checked_sub(1));
                let visible = |i: &usize| targets.get(*i).is_some_and(|t| !t.junk);
                return index
                    .filter(visible)
                    .ok_or_else(|| self.position_error(clause, *position, at));
            }
            ast::ExprKind::Const(_) => {
                let error = err!(sqlstate::SYNTAX_ERROR, "non-integer constant in {clause}");
                return Err(self.error_at(at, error));
            }
            _ => {}
        }
        let from = self.level().uses.len();
        let value = self.bind_in_clause(expr, kind)?;
        if let Some(found) = targets
            .iter()
            .position(|t| same(&t.value.expr, &value.expr))
        {
            return Ok(found);
        }
        let uses = from..self.level().uses.len();
        let junk = self.junk_target(value, uses);
        targets.push(junk);
        Ok(targets.len() - 1)
    }

    pub(super) fn target_named(
        &self,
        name: &str,
        targets: &[Target],
        clause: &str,
        location: ast::Location,
    ) -> Result<Option<usize>> {
        let mut found: Option<usize> = None;
        for (at, target) in targets.iter().enumerate() {
            if target.junk || target.name != name {
                continue;
            }
            match found {
                None => found = Some(at),
                Some(known) if same(&targets[known].value.expr, &target.value.expr) => {}
                Some(_) => {
                    let error = err!(
                        sqlstate::AMBIGUOUS_COLUMN,
                        "{clause} \"{name}\" is ambiguous"
                    );
                    return Err(self.error_at(location, error));
                }
            }
        }
        Ok(found)
    }

    pub(super) fn bind_distinct(
        &mut self,
        select: &ast::Select,
        targets: &mut Vec<Target>,
        order: &[TargetKey],
    ) -> Result<BoundDistinct> {
        match &select.distinct {
            ast::Distinct::All => Ok(BoundDistinct::All),
            ast::Distinct::Distinct => {
                if let Some(key) = order.iter().find(|k| targets[k.target].junk) {
                    let message =
                        "for SELECT DISTINCT, ORDER BY expressions must appear in select list";
                    let error = Error::new(sqlstate::INVALID_COLUMN_REFERENCE, message);
                    return Err(self.error_at(targets[key.target].value.location, error));
                }
                for target in targets.iter().filter(|t| !t.junk) {
                    self.check_groupable(target.value.oid(), target.value.location)?;
                }
                Ok(BoundDistinct::Distinct)
            }
            ast::Distinct::On(exprs) => {
                let mut on = Vec::with_capacity(exprs.len());
                for expr in exprs {
                    let clause = "DISTINCT ON";
                    let at = self.find_target(expr, targets, ExprKind::DistinctOn, clause)?;
                    let value = self.resolve_unknown(targets[at].value.clone())?;
                    self.check_groupable(value.oid(), value.location)?;
                    targets[at].value = value;
                    if !on.contains(&at) {
                        on.push(at);
                    }
                }
                let places: Vec<ast::Location> = exprs.iter().map(start_of).collect();
                self.check_distinct_on(&on, &places, order)?;
                Ok(BoundDistinct::On(on))
            }
        }
    }

    /// The first keys of ORDER BY must be the expressions of DISTINCT ON.
    fn check_distinct_on(
        &self,
        on: &[usize],
        places: &[ast::Location],
        order: &[TargetKey],
    ) -> Result<()> {
        let matched = order.iter().take_while(|k| on.contains(&k.target)).count();
        let later = order[matched..]
            .iter()
            .find(|k| on.contains(&k.target))
            .map(|k| k.target);
        let missing = || {
            let sorted = |at: &&usize| order.iter().any(|k| k.target == **at);
            on.iter().find(|at| !sorted(at)).copied()
        };
        let wrong = later.or_else(|| {
            if matched < order.len() {
                missing()
            } else {
                None
            }
        });
        let Some(at) = wrong else {
            return Ok(());
        };
        let message = "SELECT DISTINCT ON expressions must match initial ORDER BY expressions";
        let error = Error::new(sqlstate::INVALID_COLUMN_REFERENCE, message);
        let place = on
            .iter()
            .position(|own| *own == at)
            .and_then(|i| places.get(i));
        Err(self.error_at(place.copied().unwrap_or_default(), error))
    }

    /// DISTINCT and the sort, above the projection.
    pub(super) fn finish_order(
        &mut self,
        plan: Plan,
        columns: &[BoundColumn],
        targets: &[Target],
        order: Vec<TargetKey>,
        distinct: BoundDistinct,
    ) -> Result<Plan> {
        let column = |at: usize| Expr::column(columns[at].id, columns[at].ty);
        let key = |k: TargetKey| SortKey {
            expr: column(k.target),
            ..k.key
        };
        let keys: Vec<SortKey> = order.into_iter().map(key).collect();
        let sort = |plan| match keys.is_empty() {
            true => plan,
            false => Plan::Sort(Box::new(Sort {
                input: plan,
                keys: keys.clone(),
            })),
        };
        let visible = || {
            let shown = columns.iter().zip(targets).filter(|(_, t)| !t.junk);
            shown.map(|(c, _)| c.id).collect::<Vec<_>>()
        };
        Ok(match distinct {
            BoundDistinct::All => sort(plan),
            BoundDistinct::Distinct => {
                let node = Distinct {
                    input: plan,
                    columns: visible(),
                    on: Vec::new(),
                };
                sort(Plan::Distinct(Box::new(node)))
            }
            BoundDistinct::On(on) => {
                let on = on.into_iter().map(column).collect();
                let node = Distinct {
                    input: sort(plan),
                    columns: visible(),
                    on,
                };
                Plan::Distinct(Box::new(node))
            }
        })
    }
}
