//! Joins: their names, merged columns and conditions (`transformFromClauseItem`).

use super::binder::Binder;
use super::expr_kind::ExprKind;
use super::from::{FromPart, refers_to};
use super::scope::{Item, ItemColumn};
use super::typed::Typed;
use crate::ir::{Expr, Join, JoinKind, Plan};
use common::{Error, Result, err, sqlstate};
use parser as ast;

/// The columns of a join before an alias: merged ones first.
struct Merged {
    columns: Vec<ItemColumn>,
    condition: Expr,
    /// How many of `columns` are merged.
    count: usize,
}

impl Binder<'_> {
    pub(super) fn bind_join(&mut self, join: &ast::Join) -> Result<FromPart> {
        let kind = match join.kind {
            ast::JoinKind::Inner => JoinKind::Inner,
            ast::JoinKind::Left => JoinKind::Left,
            ast::JoinKind::Right => JoinKind::Right,
            ast::JoinKind::Full => JoinKind::Full,
        };
        let left = self.bind_from_item(&join.left)?;
        let right = self.bind_right(&left, &join.right, kind)?;
        self.check_sides(&left, &right)?;
        let (columns, condition, using) = self.join_columns(join, kind, &left, &right)?;
        let lateral = refers_to(&right.plan, &left.plan);
        let plan = Plan::Join(Box::new(Join {
            kind,
            left: left.plan,
            right: right.plan,
            condition,
            lateral,
        }));
        let mut items = Vec::with_capacity(left.items.len() + right.items.len() + 1);
        let sides = left.items.into_iter().chain(right.items);
        let mut hidden = Vec::new();
        match join.alias {
            None => items.extend(sides.map(|item| Item {
                columns_visible: false,
                ..item
            })),
            Some(_) => hidden.extend(sides),
        }
        if let ast::JoinCondition::Using {
            alias: Some(alias), ..
        } = &join.condition
        {
            let merged = columns[..using].to_vec();
            items.push(Item {
                columns_visible: false,
                unlockable: Some("a join"),
                ..Item::new(alias.clone(), merged)
            });
        }
        let mut columns = columns;
        let name = join.alias.as_ref().map(|a| a.name.clone());
        if let Some(name) = &name {
            self.rename_columns(&mut columns, join.alias.as_ref(), name)?;
            self.note_relation(name, None, &columns);
        }
        let named = name.is_some();
        let item = Item {
            unlockable: Some("a join"),
            hidden,
            ..Item::new(name.unwrap_or_default(), columns)
        };
        items.push(Item {
            name_visible: named,
            ..item
        });
        Ok(FromPart { plan, items })
    }

    /// The right side sees the left one if it is LATERAL.
    fn bind_right(
        &mut self,
        left: &FromPart,
        right: &ast::FromItem,
        kind: JoinKind,
    ) -> Result<FromPart> {
        let count = self.level().items.len();
        let lateral_ok = matches!(kind, JoinKind::Inner | JoinKind::Left);
        let visible = left.items.iter().cloned().map(|mut item| {
            item.lateral_only = true;
            item.lateral_ok = lateral_ok;
            item
        });
        let visible: Vec<Item> = visible.collect();
        self.level().items.extend(visible);
        let bound = self.bind_from_item(right)?;
        self.level().items.truncate(count);
        Ok(bound)
    }

    fn check_sides(&self, left: &FromPart, right: &FromPart) -> Result<()> {
        for item in right.items.iter().filter(|i| i.name_visible) {
            let same = |other: &&Item| {
                let plain = item.schema.is_some() && other.schema.is_some();
                other.name_visible
                    && other.name == item.name
                    && !(plain && item.schema != other.schema)
            };
            if left.items.iter().any(|other| same(&other)) {
                return Err(err!(
                    sqlstate::DUPLICATE_ALIAS,
                    "table name \"{}\" specified more than once",
                    item.name
                ));
            }
        }
        Ok(())
    }

    /// The join's columns, its condition, and how many columns are merged.
    fn join_columns(
        &mut self,
        join: &ast::Join,
        kind: JoinKind,
        left: &FromPart,
        right: &FromPart,
    ) -> Result<(Vec<ItemColumn>, Expr, usize)> {
        let (l, r) = (left.visible_columns(), right.visible_columns());
        match &join.condition {
            ast::JoinCondition::Using { columns, .. } => {
                let merged = self.merge_columns(columns, kind, &l, &r)?;
                Ok((merged.columns, merged.condition, merged.count))
            }
            ast::JoinCondition::Natural => {
                let mut names: Vec<String> = Vec::new();
                for column in &l {
                    if r.iter().any(|c| c.name == column.name) && !names.contains(&column.name) {
                        names.push(column.name.clone());
                    }
                }
                let merged = self.merge_columns(&names, kind, &l, &r)?;
                Ok((merged.columns, merged.condition, merged.count))
            }
            ast::JoinCondition::On(condition) => {
                let condition = self.bind_on(condition, left, right)?;
                Ok((l.into_iter().chain(r).collect(), condition, 0))
            }
            ast::JoinCondition::None => {
                Ok((l.into_iter().chain(r).collect(), Expr::boolean(true), 0))
            }
        }
    }

    /// ON sees this join's sides only.
    fn bind_on(
        &mut self,
        condition: &ast::Expr,
        left: &FromPart,
        right: &FromPart,
    ) -> Result<Expr> {
        let sides = left.items.iter().chain(&right.items).cloned().collect();
        let before = std::mem::replace(&mut self.level().items, sides);
        let bound = self.bind_condition(condition, ExprKind::JoinOn, "JOIN/ON")?;
        self.level().items = before;
        Ok(bound.expr)
    }

    fn merge_columns(
        &mut self,
        names: &[String],
        kind: JoinKind,
        left: &[ItemColumn],
        right: &[ItemColumn],
    ) -> Result<Merged> {
        let mut columns = Vec::with_capacity(left.len() + right.len());
        let mut conditions = Vec::with_capacity(names.len());
        for (at, name) in names.iter().enumerate() {
            if names[..at].contains(name) {
                return Err(err!(
                    sqlstate::DUPLICATE_COLUMN,
                    "column name \"{name}\" appears more than once in USING clause"
                ));
            }
            let l = only(left, name, "left")?;
            let r = only(right, name, "right")?;
            self.note_reference(l.origin);
            self.note_reference(r.origin);
            let none = ast::Location::NONE;
            let (a, b) = (Typed::of_column(l, none), Typed::of_column(r, none));
            let condition = self.operate_named("=", a.clone(), b.clone(), none)?;
            conditions.push(self.coerce_to_boolean(condition, "JOIN/USING")?.expr);
            columns.push(self.merged_column(name, kind, a, b, l, r)?);
        }
        let rest = |side: &[ItemColumn]| {
            side.iter()
                .filter(|c| !names.contains(&c.name))
                .cloned()
                .collect::<Vec<_>>()
        };
        columns.extend(rest(left));
        columns.extend(rest(right));
        Ok(Merged {
            columns,
            condition: Expr::and(conditions),
            count: names.len(),
        })
    }

    /// The column that stands for both: the side that is never null-extended, or COALESCE.
    fn merged_column(
        &mut self,
        name: &str,
        kind: JoinKind,
        left: Typed,
        right: Typed,
        l: &ItemColumn,
        r: &ItemColumn,
    ) -> Result<ItemColumn> {
        let target = self.common_type(&[&left, &right], "JOIN/USING")?;
        let collation = self.merge_at(left.collation, right.collation, ast::Location::NONE)?;
        let same = l.ty == r.ty;
        let coerced_left = self.coerce_to_common(left, target, "JOIN/USING")?;
        let coerced_right = self.coerce_to_common(right, target, "JOIN/USING")?;
        let (expr, origin) = match kind {
            JoinKind::Full => {
                let ty = if same { l.ty } else { target.into() };
                let args = vec![coerced_left.expr, coerced_right.expr];
                (Expr::Coalesce { args, ty }, super::from::NO_ORIGIN)
            }
            JoinKind::Right => (coerced_right.expr, r.origin),
            // Of an inner join the side that needed no cast.
            JoinKind::Inner if l.ty.oid != target && r.ty.oid == target => {
                (coerced_right.expr, r.origin)
            }
            _ => (coerced_left.expr, l.origin),
        };
        let ty = expr.ty();
        let origin = if expr.as_column().is_some() {
            origin
        } else {
            super::from::NO_ORIGIN
        };
        let collation = collation.for_result(ty.oid);
        Ok(ItemColumn {
            name: name.to_owned(),
            expr,
            ty,
            collation,
            origin,
        })
    }
}

/// The one column of that name on a side.
fn only<'c>(side: &'c [ItemColumn], name: &str, which: &str) -> Result<&'c ItemColumn> {
    let mut found = side.iter().filter(|c| c.name == name);
    match (found.next(), found.next()) {
        (Some(column), None) => Ok(column),
        (Some(_), Some(_)) => Err(err!(
            sqlstate::AMBIGUOUS_COLUMN,
            "common column name \"{name}\" appears more than once in {which} table"
        )),
        (None, _) => Err(Error::new(
            sqlstate::UNDEFINED_COLUMN,
            format!("column \"{name}\" specified in USING clause does not exist in {which} table"),
        )),
    }
}
