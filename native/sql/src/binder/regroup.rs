//! The rewriting of expressions above an aggregation (`parse_agg.c`, `setrefs.c`).

use super::same::same;
use super::scope::ColumnUse;
use super::target::Target;
use crate::ir::{ColumnId, Expr, Plan, is_constant};
use hashbrown::HashSet;
use parser as ast;
use std::ops::Range;

/// Rewrites expressions that stand above an aggregation: keys by their columns; a column that is
/// neither grouped nor determined by the keys is 42803.
pub(super) struct Regroup<'a> {
    pub keys: &'a mut Vec<(ColumnId, Expr)>,
    /// The output column that each key is.
    pub targets: &'a [Option<usize>],
    /// Columns that the aggregation's input produces.
    pub input: HashSet<ColumnId>,
    /// Unique keys of FROM's tables: the columns of each primary key, and what they determine.
    pub determined: Vec<(Vec<ColumnId>, Vec<ColumnId>)>,
    pub uses: &'a [ColumnUse],
    /// A key is NULL in the sets without it. A constant key too, but only as the output column
    /// that it is: elsewhere the same constant is just itself.
    pub has_sets: bool,
}

/// Why an expression may not stand above the aggregation.
pub(super) struct Ungrouped {
    pub id: ColumnId,
    pub location: ast::Location,
    pub in_subquery: bool,
}

impl Regroup<'_> {
    /// Rewrites an output column, which may be a key.
    pub fn rewrite_target(
        &mut self,
        at: usize,
        target: &mut Target,
        columns: &mut crate::ir::ColumnTable,
    ) -> std::result::Result<(), Ungrouped> {
        let expr = &mut target.value.expr;
        let key = self.targets.iter().position(|own| *own == Some(at));
        match key.and_then(|key| self.keys.get(key)) {
            Some((id, _)) if self.has_sets => {
                *expr = Expr::column(*id, expr.ty());
                Ok(())
            }
            _ => self.rewrite(expr, target.uses.clone(), columns),
        }
    }

    /// Rewrites what a window's rows are divided or ordered by: as in the select list, an
    /// expression that is written like a key is that key.
    pub fn rewrite_window_key(
        &mut self,
        expr: &mut Expr,
        columns: &mut crate::ir::ColumnTable,
    ) -> std::result::Result<(), Ungrouped> {
        if self.has_sets
            && let Some(id) = self.first_key(expr)
        {
            *expr = Expr::column(id, expr.ty());
            return Ok(());
        }
        self.rewrite(expr, 0..self.uses.len(), columns)
    }

    /// Of equal keys the one that stands first in the select list.
    fn first_key(&self, expr: &Expr) -> Option<ColumnId> {
        let place = |at: usize| {
            self.targets
                .get(at)
                .copied()
                .flatten()
                .unwrap_or(usize::MAX)
        };
        let keys = self.keys.iter().enumerate();
        let equal = keys.filter(|(_, (_, key))| same(key, expr));
        let first = equal.min_by_key(|(at, _)| place(*at));
        first.map(|(_, (id, _))| *id)
    }

    /// The key that an expression within another stands for.
    fn key_of(&self, expr: &Expr) -> Option<ColumnId> {
        match self.has_sets {
            true if is_constant(expr) => None,
            false if matches!(expr, Expr::Const { .. }) => None,
            _ => self.first_key(expr),
        }
    }

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
        if let Some(id) = self.key_of(expr) {
            crate::ir::for_each_column(expr, &mut |c| seen.push(c));
            let ty = expr.ty();
            *expr = Expr::column(id, ty);
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
        crate::ir::for_each_node_expr_mut(plan, &mut |expr| {
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
