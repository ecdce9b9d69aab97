//! From expressions over ids to expressions over positions.

use common::{Error, Result};
use hashbrown::HashMap;

use super::Planner;
use super::physical::{Scalar, ScalarCase, ScalarSubscript, SortSpec, SubplanUse};
use crate::ir::{
    CaseExpr, ColumnId, Expr, SortKey, Subquery, SubqueryKind, SubscriptItem, outer_columns,
};

/// The rows that an expression sees: each id's position.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    positions: HashMap<ColumnId, usize>,
    width: usize,
}

impl Layout {
    pub fn new(columns: &[ColumnId]) -> Self {
        let mut layout = Self::default();
        layout.extend(columns);
        layout
    }

    /// Of two rows side by side.
    pub fn joined(left: &[ColumnId], right: &[ColumnId]) -> Self {
        let mut layout = Self::new(left);
        layout.extend(right);
        layout
    }

    pub fn extend(&mut self, columns: &[ColumnId]) {
        for id in columns {
            self.positions.entry(*id).or_insert(self.width);
            self.width += 1;
        }
    }

    pub fn position(&self, id: ColumnId) -> Option<usize> {
        self.positions.get(&id).copied()
    }
}

impl Planner<'_> {
    pub fn compile_all(&mut self, exprs: &[Expr], layout: &Layout) -> Result<Vec<Scalar>> {
        exprs
            .iter()
            .map(|expr| self.compile(expr, layout))
            .collect()
    }

    pub fn compile_some(&mut self, expr: Option<&Expr>, layout: &Layout) -> Result<Option<Scalar>> {
        expr.map(|expr| self.compile(expr, layout)).transpose()
    }

    /// The conjunction, or nothing if there is no condition.
    pub fn compile_condition(
        &mut self,
        conditions: &[Expr],
        layout: &Layout,
    ) -> Result<Option<Scalar>> {
        if conditions.is_empty() {
            return Ok(None);
        }
        let condition = Expr::and(conditions.iter().cloned());
        if matches!(
            condition,
            Expr::Const {
                value: types::Datum::Bool(true),
                ..
            }
        ) {
            return Ok(None);
        }
        self.compile(&condition, layout).map(Some)
    }

    pub fn compile_sort(&mut self, keys: &[SortKey], layout: &Layout) -> Result<Vec<SortSpec>> {
        let compile = |key: &SortKey| {
            Ok(SortSpec {
                key: self.compile(&key.expr, layout)?,
                ty: key.expr.ty(),
                descending: key.descending,
                nulls_first: key.nulls_first,
                collation: key.collation,
            })
        };
        keys.iter().map(compile).collect()
    }

    /// Columns that `layout` does not have become slots.
    pub fn compile(&mut self, expr: &Expr, layout: &Layout) -> Result<Scalar> {
        let boxed = |this: &mut Self, expr: &Expr| this.compile(expr, layout).map(Box::new);
        Ok(match expr {
            Expr::Const { value, ty } => Scalar::Const {
                value: value.clone(),
                ty: *ty,
            },
            Expr::Column { id, ty } => match layout.position(*id) {
                Some(position) => Scalar::Column { position, ty: *ty },
                None => Scalar::Slot {
                    slot: self.slot(*id),
                    ty: *ty,
                },
            },
            Expr::Param { index, ty } => Scalar::Param {
                index: usize::from(*index),
                ty: *ty,
            },
            Expr::Call {
                function,
                args,
                ty,
                collation,
            } => Scalar::Call {
                function,
                args: self.compile_all(args, layout)?,
                ty: *ty,
                collation: *collation,
            },
            Expr::Session(call) => Scalar::Session {
                function: call.function,
                args: self.compile_all(&call.args, layout)?,
                ty: call.ty,
            },
            Expr::Cast(cast) => Scalar::Cast {
                arg: boxed(self, &cast.arg)?,
                to: cast.to,
                explicit: cast.explicit,
            },
            Expr::Compare {
                op,
                left,
                right,
                collation,
            } => Scalar::Compare {
                op: *op,
                left: boxed(self, left)?,
                right: boxed(self, right)?,
                collation: *collation,
            },
            Expr::RowCompare {
                op,
                left,
                right,
                collation,
            } => Scalar::RowCompare {
                op: *op,
                left: self.compile_all(left, layout)?,
                right: self.compile_all(right, layout)?,
                collation: *collation,
            },
            Expr::And(parts) => Scalar::And(self.compile_all(parts, layout)?),
            Expr::Or(parts) => Scalar::Or(self.compile_all(parts, layout)?),
            Expr::Not(arg) => Scalar::Not(boxed(self, arg)?),
            Expr::IsNull { arg, negated } => Scalar::IsNull {
                arg: boxed(self, arg)?,
                negated: *negated,
            },
            Expr::BooleanTest { arg, test } => Scalar::BooleanTest {
                arg: boxed(self, arg)?,
                test: *test,
            },
            Expr::IsDistinct {
                left,
                right,
                negated,
                collation,
            } => Scalar::IsDistinct {
                left: boxed(self, left)?,
                right: boxed(self, right)?,
                negated: *negated,
                collation: *collation,
            },
            Expr::Case(case) => self.compile_case(case, layout)?,
            Expr::Coalesce { args, ty } => Scalar::Coalesce {
                args: self.compile_all(args, layout)?,
                ty: *ty,
            },
            Expr::MinMax {
                greatest,
                args,
                ty,
                collation,
            } => Scalar::MinMax {
                greatest: *greatest,
                args: self.compile_all(args, layout)?,
                ty: *ty,
                collation: *collation,
            },
            Expr::NullIf {
                left,
                right,
                collation,
            } => Scalar::NullIf {
                left: boxed(self, left)?,
                right: boxed(self, right)?,
                collation: *collation,
            },
            Expr::InList {
                arg,
                list,
                negated,
                collation,
            } => Scalar::InList {
                arg: boxed(self, arg)?,
                list: list.clone(),
                negated: *negated,
                collation: *collation,
            },
            other => self.compile_rare(other, layout)?,
        })
    }

    fn compile_rare(&mut self, expr: &Expr, layout: &Layout) -> Result<Scalar> {
        let boxed = |this: &mut Self, expr: &Expr| this.compile(expr, layout).map(Box::new);
        Ok(match expr {
            Expr::CompareArray {
                op,
                quantifier,
                arg,
                array,
                collation,
            } => Scalar::CompareArray {
                op: *op,
                quantifier: *quantifier,
                arg: boxed(self, arg)?,
                array: boxed(self, array)?,
                collation: *collation,
            },
            Expr::CallArray {
                function,
                quantifier,
                arg,
                array,
                collation,
            } => Scalar::CallArray {
                function,
                quantifier: *quantifier,
                arg: boxed(self, arg)?,
                array: boxed(self, array)?,
                collation: *collation,
            },
            Expr::Array {
                elements,
                nested,
                ty,
            } => Scalar::Array {
                elements: self.compile_all(elements, layout)?,
                nested: *nested,
                ty: *ty,
            },
            Expr::Row { fields, names, ty } => Scalar::Row {
                fields: self.compile_all(fields, layout)?,
                names: names.clone(),
                ty: *ty,
            },
            Expr::Field { arg, index, ty } => Scalar::Field {
                arg: boxed(self, arg)?,
                index: usize::from(*index),
                ty: *ty,
            },
            Expr::Subscript { arg, items, ty } => Scalar::Subscript {
                arg: boxed(self, arg)?,
                items: self.compile_subscripts(items, layout)?,
                ty: *ty,
            },
            Expr::Subquery(subquery) => self.compile_subquery(subquery, layout)?,
            _ => {
                return Err(Error::internal(
                    "an expression that the planner does not know",
                ));
            }
        })
    }

    fn compile_subscripts(
        &mut self,
        items: &[SubscriptItem],
        layout: &Layout,
    ) -> Result<Vec<ScalarSubscript>> {
        let compile = |item: &SubscriptItem| {
            Ok(match item {
                SubscriptItem::Index(index) => ScalarSubscript::Index(self.compile(index, layout)?),
                SubscriptItem::Slice(lower, upper) => ScalarSubscript::Slice(
                    self.compile_some(lower.as_ref(), layout)?,
                    self.compile_some(upper.as_ref(), layout)?,
                ),
            })
        };
        items.iter().map(compile).collect()
    }

    fn compile_case(&mut self, case: &CaseExpr, layout: &Layout) -> Result<Scalar> {
        let operand_position = layout.width;
        let mut inner = layout.clone();
        let operand = match &case.operand {
            Some((id, operand)) => {
                let compiled = self.compile(operand, layout)?;
                inner.extend(&[*id]);
                Some(compiled)
            }
            None => None,
        };
        let mut branches = Vec::with_capacity(case.branches.len());
        for (when, then) in &case.branches {
            branches.push((self.compile(when, &inner)?, self.compile(then, &inner)?));
        }
        Ok(Scalar::Case(Box::new(ScalarCase {
            operand,
            branches,
            otherwise: self.compile_some(case.otherwise.as_ref(), &inner)?,
            ty: case.ty,
            operand_position,
        })))
    }

    fn compile_subquery(&mut self, subquery: &Subquery, layout: &Layout) -> Result<Scalar> {
        let index = self.add_subplan(subquery)?;
        let mut binds = Vec::new();
        for id in outer_columns(&subquery.plan) {
            if let Some(position) = layout.position(id) {
                let ty = self.columns.get(id).ty;
                binds.push((self.slot(id), Scalar::Column { position, ty }));
            }
        }
        let (usage, left) = match &subquery.kind {
            SubqueryKind::Exists => (SubplanUse::Exists, Vec::new()),
            SubqueryKind::Scalar => (SubplanUse::Scalar, Vec::new()),
            SubqueryKind::Array => (SubplanUse::Array, Vec::new()),
            SubqueryKind::Row => (SubplanUse::Row, Vec::new()),
            SubqueryKind::Compare {
                op,
                quantifier,
                left,
                collation,
            } => {
                let usage = SubplanUse::Compare {
                    op: *op,
                    quantifier: *quantifier,
                    collation: *collation,
                };
                (usage, self.compile_all(left, layout)?)
            }
            SubqueryKind::Call {
                function,
                quantifier,
                left,
                collation,
            } => {
                let usage = SubplanUse::Call {
                    function,
                    quantifier: *quantifier,
                    collation: *collation,
                };
                (usage, vec![self.compile(left, layout)?])
            }
        };
        Ok(Scalar::Subplan {
            index,
            usage,
            left,
            binds,
            ty: subquery.ty,
        })
    }
}
