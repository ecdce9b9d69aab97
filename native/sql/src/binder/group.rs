//! GROUP BY and grouping sets (`parse_clause.c`, `transformGroupClause`).

use super::binder::Binder;
use super::expr_kind::ExprKind;
use super::same::same;
use super::target::Target;
use super::typed::Typed;
use crate::ir::{ColumnId, Expr};
use common::{Error, Result, err, sqlstate};
use parser as ast;

/// The most grouping sets of one query.
const SETS_MAX: usize = 4096;

/// GROUP BY, bound.
#[derive(Debug, Default)]
pub(super) struct Grouping {
    pub keys: Vec<(ColumnId, Expr)>,
    /// The output column that each key is.
    pub targets: Vec<Option<usize>>,
    /// Indices of keys, a list a set; `None` for a plain list.
    pub sets: Option<Vec<Vec<u16>>>,
    /// Something else than a plain list is written: two output columns are two keys even where
    /// they are equal, for one of them may be NULL in a set that has the other.
    has_sets: bool,
}

impl Grouping {
    /// The key that an expression of GROUP BY is already.
    fn known(&self, expr: &Expr, target: Option<usize>) -> Option<usize> {
        match target {
            Some(_) if self.has_sets => self.targets.iter().position(|own| *own == target),
            _ => self.keys.iter().position(|(_, key)| same(key, expr)),
        }
    }
}

impl Binder<'_> {
    pub(super) fn bind_group_by(
        &mut self,
        select: &ast::Select,
        targets: &mut [Target],
    ) -> Result<Grouping> {
        let plain = select
            .group_by
            .iter()
            .all(|g| matches!(g, ast::GroupItem::Expr(_)));
        let mut grouping = Grouping {
            has_sets: !plain,
            ..Grouping::default()
        };
        let mut sets: Vec<Vec<u16>> = vec![Vec::new()];
        for item in &select.group_by {
            let own = self.group_sets(item, targets, &mut grouping)?;
            sets = product(&sets, &own)?;
        }
        if !plain {
            if select.group_distinct {
                let mut seen: Vec<Vec<u16>> = Vec::new();
                for set in sets {
                    let mut sorted = set.clone();
                    sorted.sort_unstable();
                    sorted.dedup();
                    if !seen.contains(&sorted) {
                        seen.push(sorted);
                    }
                }
                sets = seen;
            }
            for set in &mut sets {
                set.sort_unstable();
                set.dedup();
            }
            grouping.sets = Some(sets);
        }
        Ok(grouping)
    }

    /// The sets that one item of GROUP BY stands for.
    fn group_sets(
        &mut self,
        item: &ast::GroupItem,
        targets: &mut [Target],
        grouping: &mut Grouping,
    ) -> Result<Vec<Vec<u16>>> {
        Ok(match item {
            ast::GroupItem::Expr(expr) => vec![self.group_exprs(expr, targets, grouping)?],
            ast::GroupItem::Empty => vec![Vec::new()],
            ast::GroupItem::Rollup { items, .. } => {
                let parts = self.group_parts(items, targets, grouping)?;
                (0..=parts.len())
                    .rev()
                    .map(|n| parts[..n].concat())
                    .collect()
            }
            ast::GroupItem::Cube { items, location } => {
                let parts = self.group_parts(items, targets, grouping)?;
                if parts.len() > 12 {
                    let message = "CUBE is limited to 12 elements";
                    let error = Error::new(sqlstate::TOO_MANY_COLUMNS, message);
                    return Err(self.error_at(*location, error));
                }
                let all = 1usize << parts.len();
                let pick = |mask: usize| {
                    let chosen =
                        (0..parts.len()).filter(|i| mask & (1 << (parts.len() - 1 - i)) != 0);
                    chosen.flat_map(|i| parts[i].iter().copied()).collect()
                };
                (0..all).rev().map(pick).collect()
            }
            ast::GroupItem::GroupingSets { items, .. } => {
                let mut sets = Vec::new();
                for item in items {
                    sets.extend(self.group_sets(item, targets, grouping)?);
                }
                sets
            }
        })
    }

    fn group_parts(
        &mut self,
        items: &[ast::GroupItem],
        targets: &mut [Target],
        grouping: &mut Grouping,
    ) -> Result<Vec<Vec<u16>>> {
        let mut parts = Vec::with_capacity(items.len());
        for item in items {
            match item {
                ast::GroupItem::Expr(expr) => {
                    parts.push(self.group_exprs(expr, targets, grouping)?);
                }
                other => parts.extend(self.group_sets(other, targets, grouping)?),
            }
        }
        Ok(parts)
    }

    /// An expression, or the elements of a row written in parentheses.
    fn group_exprs(
        &mut self,
        expr: &ast::Expr,
        targets: &mut [Target],
        grouping: &mut Grouping,
    ) -> Result<Vec<u16>> {
        if let ast::ExprKind::Row {
            args,
            explicit: false,
        } = &expr.kind
        {
            let mut keys = Vec::with_capacity(args.len());
            for arg in args {
                keys.extend(self.group_exprs(arg, targets, grouping)?);
            }
            return Ok(keys);
        }
        let (value, target) = self.group_expr(expr, targets)?;
        self.check_groupable(value.oid(), value.location)?;
        let known = grouping.known(&value.expr, target);
        let at = known.unwrap_or_else(|| {
            let id = match value.expr.as_column() {
                Some(column) => self.columns.duplicate(column),
                None => self.columns.add_computed("group", value.ty()),
            };
            grouping.keys.push((id, value.expr));
            grouping.targets.push(target);
            grouping.keys.len() - 1
        });
        Ok(vec![at as u16])
    }

    /// A name is a column of FROM, else an output column; a number an output column's position;
    /// any other expression the first output column that is equal, if one is. Also gives the
    /// place of that column.
    fn group_expr(
        &mut self,
        expr: &ast::Expr,
        targets: &mut [Target],
    ) -> Result<(Typed, Option<usize>)> {
        let at = expr.location;
        match &expr.kind {
            ast::ExprKind::Const(ast::Literal::Int(position)) => {
                let index = usize::try_from(*position)
                    .ok()
                    .and_then(|p| p.checked_sub(1))
                    .filter(|i| targets.get(*i).is_some_and(|target| !target.junk));
                let index = index.ok_or_else(|| self.position_error("GROUP BY", *position, at))?;
                return self.group_target(targets, index, at);
            }
            ast::ExprKind::Const(_) => {
                let message = "non-integer constant in GROUP BY";
                return Err(self.error_at(at, Error::new(sqlstate::SYNTAX_ERROR, message)));
            }
            ast::ExprKind::ColumnRef(parts) => {
                if let [ast::NamePart::Name(name)] = parts.as_slice()
                    && !self.is_input_column(name)
                    && let Some(index) = self.target_named(name, targets, "GROUP BY", at)?
                {
                    return self.group_target(targets, index, at);
                }
            }
            _ => {}
        }
        let bound = self.bind_in_clause(expr, ExprKind::GroupBy)?;
        let mut places = targets.iter();
        match places.position(|t| same(&t.value.expr, &bound.expr)) {
            Some(index) => self.group_target(targets, index, bound.location),
            None => Ok((self.resolve_unknown(bound)?, None)),
        }
    }

    /// An output column that is grouped by may not hold an aggregate. `location` is where GROUP BY
    /// names it.
    fn group_target(
        &mut self,
        targets: &mut [Target],
        index: usize,
        location: ast::Location,
    ) -> Result<(Typed, Option<usize>)> {
        let value = targets[index].value.clone();
        let level = self.level();
        let aggregates: Vec<ColumnId> = level.aggregates.iter().map(|a| a.id).collect();
        let windows: Vec<ColumnId> = level.window_calls.iter().map(|w| w.call.id).collect();
        let columns = crate::ir::columns_of(&value.expr);
        if columns.iter().any(|id| aggregates.contains(id)) {
            let message = "aggregate functions are not allowed in GROUP BY";
            let error = Error::new(sqlstate::GROUPING_ERROR, message);
            return Err(self.error_at(value.location, error));
        }
        if columns.iter().any(|id| windows.contains(id)) {
            let message = "window functions are not allowed in GROUP BY";
            return Err(self.error_at(location, Error::new(sqlstate::WINDOWING_ERROR, message)));
        }
        let value = self.resolve_unknown(value)?;
        targets[index].value = value.clone();
        Ok((Typed { location, ..value }, Some(index)))
    }

    fn is_input_column(&mut self, name: &str) -> bool {
        let level = self.level();
        let visible = level.items.iter().filter(|i| i.columns_visible);
        visible.flat_map(|i| &i.columns).any(|c| c.name == name)
    }
}

/// Every set of one list joined with every set of the other.
fn product(left: &[Vec<u16>], right: &[Vec<u16>]) -> Result<Vec<Vec<u16>>> {
    if left.len().saturating_mul(right.len()) > SETS_MAX {
        return Err(err!(
            sqlstate::STATEMENT_TOO_COMPLEX,
            "too many grouping sets present (maximum {SETS_MAX})"
        ));
    }
    let pair = |l: &Vec<u16>, r: &Vec<u16>| l.iter().chain(r).copied().collect::<Vec<u16>>();
    Ok(left
        .iter()
        .flat_map(|l| right.iter().map(move |r| pair(l, r)))
        .collect())
}
