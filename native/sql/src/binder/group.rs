//! GROUP BY, grouping sets, and the rewriting of expressions above an aggregation
//! (`parse_agg.c`, `transformGroupClause`).

use super::binder::Binder;
use super::expr_kind::ExprKind;
use super::same::same;
use super::scope::ColumnUse;
use super::target::Target;
use super::typed::Typed;
use crate::ir::{ColumnId, Expr, Plan};
use common::{Error, Result, err, sqlstate};
use hashbrown::HashSet;
use parser as ast;
use std::ops::Range;

/// The most grouping sets of one query.
const SETS_MAX: usize = 4096;

/// GROUP BY, bound.
#[derive(Debug, Default)]
pub(super) struct Grouping {
    pub keys: Vec<(ColumnId, Expr)>,
    /// Indices of keys, a list a set; `None` for a plain list.
    pub sets: Option<Vec<Vec<u16>>>,
}

impl Binder<'_> {
    pub(super) fn bind_group_by(
        &mut self,
        select: &ast::Select,
        targets: &mut [Target],
    ) -> Result<Grouping> {
        let mut grouping = Grouping::default();
        let plain = select
            .group_by
            .iter()
            .all(|g| matches!(g, ast::GroupItem::Expr(_)));
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
        let value = self.group_expr(expr, targets)?;
        self.check_groupable(value.oid(), value.location)?;
        let known = grouping
            .keys
            .iter()
            .position(|(_, key)| same(key, &value.expr));
        let at = known.unwrap_or_else(|| {
            let id = match value.expr.as_column() {
                Some(column) => self.columns.duplicate(column),
                None => self.columns.add_computed("group", value.ty()),
            };
            grouping.keys.push((id, value.expr));
            grouping.keys.len() - 1
        });
        Ok(vec![at as u16])
    }

    /// A name is a column of FROM, else an output column; a number an output column's position.
    fn group_expr(&mut self, expr: &ast::Expr, targets: &mut [Target]) -> Result<Typed> {
        let at = expr.location;
        match &expr.kind {
            ast::ExprKind::Const(ast::Literal::Int(position)) => {
                let index = usize::try_from(*position)
                    .ok()
                    .and_then(|p| p.checked_sub(1));
                let target = index.and_then(|i| targets.get(i)).ok_or_else(|| {
                    let error = err!(
                        sqlstate::INVALID_COLUMN_REFERENCE,
                        "GROUP BY position {position} is not in select list"
                    );
                    self.error_at(at, error)
                })?;
                let uses = target.uses.clone();
                return self.check_group_target(target.value.clone(), uses, at);
            }
            ast::ExprKind::Const(_) => {
                let message = "non-integer constant in GROUP BY";
                return Err(self.error_at(at, Error::new(sqlstate::SYNTAX_ERROR, message)));
            }
            ast::ExprKind::ColumnRef(parts) => {
                if let [ast::NamePart::Name(name)] = parts.as_slice()
                    && !self.is_input_column(name)
                {
                    let mut found = targets.iter().filter(|t| t.name == *name);
                    if let Some(target) = found.next() {
                        if found.any(|other| !same(&other.value.expr, &target.value.expr)) {
                            let error = err!(
                                sqlstate::AMBIGUOUS_COLUMN,
                                "GROUP BY \"{name}\" is ambiguous"
                            );
                            return Err(self.error_at(at, error));
                        }
                        let (value, uses) = (target.value.clone(), target.uses.clone());
                        return self.check_group_target(value, uses, at);
                    }
                }
            }
            _ => {}
        }
        let bound = self.bind_in_clause(expr, ExprKind::GroupBy)?;
        self.resolve_unknown(bound)
    }

    /// An output column that is grouped by may not hold an aggregate.
    fn check_group_target(
        &mut self,
        value: Typed,
        _uses: Range<usize>,
        location: ast::Location,
    ) -> Result<Typed> {
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
        self.resolve_unknown(value)
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

/// Rewrites expressions that stand above an aggregation: keys by their columns; a column that is
/// neither grouped nor determined by the keys is 42803.
pub(super) struct Regroup<'a> {
    pub keys: &'a mut Vec<(ColumnId, Expr)>,
    /// Columns that the aggregation's input produces.
    pub input: HashSet<ColumnId>,
    /// Unique keys of FROM's tables: the columns of each primary key, and what they determine.
    pub determined: Vec<(Vec<ColumnId>, Vec<ColumnId>)>,
    pub uses: &'a [ColumnUse],
    /// A key is NULL in the sets without it, a constant one too.
    pub has_sets: bool,
}

/// Why an expression may not stand above the aggregation.
pub(super) struct Ungrouped {
    pub id: ColumnId,
    pub location: ast::Location,
    pub in_subquery: bool,
}

impl Regroup<'_> {
    /// Rewrites one expression; `uses` are the column uses that belong to it.
    pub fn rewrite(
        &mut self,
        expr: &mut Expr,
        uses: Range<usize>,
        columns: &mut crate::ir::ColumnTable,
    ) -> std::result::Result<(), Ungrouped> {
        let mut seen = Vec::new();
        self.walk(expr, &mut seen, false, columns)
            .map_err(|(id, in_subquery)| {
                let nth = seen.iter().filter(|s| **s == id).count();
                let own = self.uses.get(uses).unwrap_or_default();
                let mut at = own.iter().filter(|u| u.id == id);
                let location = at.nth(nth).or_else(|| own.iter().find(|u| u.id == id));
                let location = location.map_or(ast::Location::NONE, |u| u.location);
                Ungrouped {
                    id,
                    location,
                    in_subquery,
                }
            })
    }

    fn walk(
        &mut self,
        expr: &mut Expr,
        seen: &mut Vec<ColumnId>,
        in_subquery: bool,
        columns: &mut crate::ir::ColumnTable,
    ) -> std::result::Result<(), (ColumnId, bool)> {
        if (self.has_sets || !matches!(expr, Expr::Const { .. }))
            && let Some((id, _)) = self.keys.iter().find(|(_, key)| same(key, expr))
        {
            crate::ir::for_each_column(expr, &mut |c| seen.push(c));
            let ty = expr.ty();
            *expr = Expr::column(*id, ty);
            return Ok(());
        }
        if let Expr::Column { id, ty } = expr {
            if !self.input.contains(id) {
                return Ok(());
            }
            let Some(key) = self.determined_key(*id, columns) else {
                return Err((*id, in_subquery));
            };
            seen.push(*id);
            *expr = Expr::column(key, *ty);
            return Ok(());
        }
        let mut failed = Ok(());
        crate::ir::for_each_expr_mut(expr, &mut |child| {
            if failed.is_ok() {
                failed = self.walk(child, seen, in_subquery, columns);
            }
        });
        failed?;
        if let Expr::Subquery(subquery) = expr {
            return self.walk_plan(&mut subquery.plan, seen, columns);
        }
        Ok(())
    }

    fn walk_plan(
        &mut self,
        plan: &mut Plan,
        seen: &mut Vec<ColumnId>,
        columns: &mut crate::ir::ColumnTable,
    ) -> std::result::Result<(), (ColumnId, bool)> {
        let mut failed = Ok(());
        super::plan_exprs::for_each_node_expr_mut(plan, &mut |expr| {
            if failed.is_ok() {
                failed = self.walk(expr, seen, true, columns);
            }
        });
        failed?;
        for input in crate::ir::inputs_mut(plan) {
            self.walk_plan(input, seen, columns)?;
        }
        Ok(())
    }

    /// The extra key for a column that a grouped primary key determines.
    fn determined_key(
        &mut self,
        id: ColumnId,
        columns: &mut crate::ir::ColumnTable,
    ) -> Option<ColumnId> {
        let grouped = |want: &ColumnId| self.keys.iter().any(|(_, k)| k.as_column() == Some(*want));
        let fits = |(key, all): &&(Vec<ColumnId>, Vec<ColumnId>)| {
            all.contains(&id) && !key.is_empty() && key.iter().all(grouped)
        };
        self.determined.iter().find(fits)?;
        let copy = columns.duplicate(id);
        let ty = columns.get(id).ty;
        self.keys.push((copy, Expr::column(id, ty)));
        Some(copy)
    }
}
