//! Window functions and windows.

use super::binder::Binder;
use super::collation::CollationOf;
use super::expr_kind::ExprKind;
use super::function::{Marks, ResolvedCall};
use super::registry::FunctionBody;
use super::scope::{PendingWindow, WindowSpec};
use super::type_rules::CoercionContext;
use super::typed::Typed;
use crate::ir::{
    Expr, Frame, FrameBound, FrameExclusion, FrameUnit, Plan, SortKey, Window, WindowCall,
    WindowFunction,
};
use common::{Error, Result, err, sqlstate};
use parser as ast;
use types::{SqlType, TypeOid};

impl Binder<'_> {
    pub(super) fn finish_window(
        &mut self,
        call: &ast::FuncCall,
        resolved: ResolvedCall,
        marks: Marks,
        location: ast::Location,
    ) -> Result<Typed> {
        let name = call.name.name();
        let Some(over) = &call.over else {
            return Err(Error::internal("a window call without OVER"));
        };
        let current = self.levels.len().saturating_sub(1);
        if self.levels[current].window_calls.len() > marks.windows {
            let message = "window function calls cannot be nested";
            return Err(self.error_at(location, Error::new(sqlstate::WINDOWING_ERROR, message)));
        }
        if let Some(message) = self.kind().window_error() {
            return Err(self.error_at(location, Error::new(sqlstate::WINDOWING_ERROR, message)));
        }
        let refused = if call.distinct {
            Some("DISTINCT is not implemented for window functions")
        } else if !call.order_by.is_empty() {
            Some("aggregate ORDER BY is not implemented for window functions")
        } else {
            None
        };
        if let Some(message) = refused {
            let error = Error::new(sqlstate::FEATURE_NOT_SUPPORTED, message);
            return Err(self.error_at(location, error));
        }
        let filter = match &call.filter {
            Some(filter) => Some(
                self.bind_condition(filter, ExprKind::Filter, "FILTER")?
                    .expr,
            ),
            None => None,
        };
        let window = self.window_of(over)?;
        let function = match resolved.body {
            FunctionBody::Window(def) => WindowFunction::Window(def),
            FunctionBody::Aggregate(def) => WindowFunction::Aggregate(def),
            _ => return Err(Error::internal("a plain function over a window")),
        };
        let mut collation = CollationOf::None;
        let mut args = Vec::with_capacity(resolved.args.len());
        for arg in resolved.args {
            collation = self.merge_at(collation, arg.collation, location)?;
            args.push(arg.expr);
        }
        let ty = SqlType::new(resolved.result);
        let id = self.columns.add_computed(name, ty);
        let frame = self.levels[current].windows[window]
            .frame
            .clone()
            .unwrap_or_default();
        let own = collation.for_result(resolved.result);
        let call = WindowCall {
            id,
            function,
            args,
            filter,
            frame,
            collation: collation.resolve().unwrap_or_default(),
        };
        self.level()
            .window_calls
            .push(PendingWindow { call, window });
        Ok(Typed::new(Expr::column(id, ty), location, own))
    }

    /// The window that OVER means: a named one, or a new one that may build on a named one.
    fn window_of(&mut self, def: &ast::WindowDef) -> Result<usize> {
        if let Some(name) = &def.name {
            return self.named_window(name, def.location);
        }
        let spec = self.bind_window(def, None)?;
        let windows = &mut self.level().windows;
        windows.push(spec);
        Ok(windows.len() - 1)
    }

    fn named_window(&self, name: &str, location: ast::Location) -> Result<usize> {
        let windows = self.levels.last().map_or(&[][..], |level| &level.windows);
        let found = windows.iter().position(|w| w.name.as_deref() == Some(name));
        found.ok_or_else(|| {
            let error = err!(
                sqlstate::UNDEFINED_OBJECT,
                "window \"{name}\" does not exist"
            );
            self.error_at(location, error)
        })
    }

    /// Binds the WINDOW clause.
    pub(super) fn bind_windows(&mut self, defs: &[ast::WindowDef]) -> Result<()> {
        for def in defs {
            let name = def.name.clone().unwrap_or_default();
            if self
                .level()
                .windows
                .iter()
                .any(|w| w.name.as_deref() == Some(name.as_str()))
            {
                let error = err!(
                    sqlstate::WINDOWING_ERROR,
                    "window \"{name}\" is already defined"
                );
                return Err(self.error_at(def.location, error));
            }
            let spec = self.bind_window(def, Some(name))?;
            self.level().windows.push(spec);
        }
        Ok(())
    }

    fn bind_window(&mut self, def: &ast::WindowDef, name: Option<String>) -> Result<WindowSpec> {
        let base = match &def.base {
            Some(base) => Some(self.named_window(base, def.location)?),
            None => None,
        };
        let base = base.map(|at| self.level().windows[at].clone());
        let mut partition_by = Vec::with_capacity(def.partition_by.len());
        for expr in &def.partition_by {
            let bound = self.bind_in_clause(expr, ExprKind::WindowPartition)?;
            let bound = self.resolve_unknown(bound)?;
            self.check_groupable(bound.oid(), bound.location)?;
            partition_by.push(bound.expr);
        }
        let mut order_by = Vec::with_capacity(def.order_by.len());
        for item in &def.order_by {
            let bound = self.bind_in_clause(&item.expr, ExprKind::WindowOrder)?;
            order_by.push(self.sort_key(bound, item)?);
        }
        if let Some(base) = base {
            let base_name = def.base.as_deref().unwrap_or_default();
            let refused = if !partition_by.is_empty() {
                Some(format!(
                    "cannot override PARTITION BY clause of window \"{base_name}\""
                ))
            } else if !order_by.is_empty() && !base.order_by.is_empty() {
                Some(format!(
                    "cannot override ORDER BY clause of window \"{base_name}\""
                ))
            } else if base.frame.is_some() {
                Some(format!(
                    "cannot copy window \"{base_name}\" because it has a frame clause"
                ))
            } else {
                None
            };
            if let Some(message) = refused {
                let error = Error::new(sqlstate::WINDOWING_ERROR, message);
                return Err(self.error_at(def.location, error));
            }
            partition_by = base.partition_by;
            if order_by.is_empty() {
                order_by = base.order_by;
            }
        }
        let frame = match &def.frame {
            Some(frame) => Some(self.bind_frame(frame, &order_by, def.location)?),
            None => None,
        };
        Ok(WindowSpec {
            name,
            partition_by,
            order_by,
            frame,
        })
    }

    fn bind_frame(
        &mut self,
        frame: &ast::WindowFrame,
        order_by: &[SortKey],
        location: ast::Location,
    ) -> Result<Frame> {
        let unit = match frame.units {
            ast::FrameUnits::Rows => FrameUnit::Rows,
            ast::FrameUnits::Range => FrameUnit::Range,
            ast::FrameUnits::Groups => FrameUnit::Groups,
        };
        let has_offset = |b: &ast::FrameBound| {
            matches!(
                b,
                ast::FrameBound::Preceding(_) | ast::FrameBound::Following(_)
            )
        };
        let offsets = has_offset(&frame.start) || frame.end.as_ref().is_some_and(has_offset);
        let refused = match unit {
            FrameUnit::Range if offsets && order_by.len() != 1 => {
                Some("RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column")
            }
            FrameUnit::Groups if order_by.is_empty() => {
                Some("GROUPS mode requires an ORDER BY clause")
            }
            _ => None,
        };
        if let Some(message) = refused {
            let error = Error::new(sqlstate::WINDOWING_ERROR, message);
            return Err(self.error_at(location, error));
        }
        let start = self.frame_bound(&frame.start, unit, order_by)?;
        let end = match &frame.end {
            Some(end) => self.frame_bound(end, unit, order_by)?,
            None => FrameBound::CurrentRow,
        };
        let exclusion = match frame.exclude {
            ast::FrameExclude::NoOthers => FrameExclusion::NoOthers,
            ast::FrameExclude::CurrentRow => FrameExclusion::CurrentRow,
            ast::FrameExclude::Group => FrameExclusion::Group,
            ast::FrameExclude::Ties => FrameExclusion::Ties,
        };
        Ok(Frame {
            unit,
            start,
            end,
            exclusion,
        })
    }

    fn frame_bound(
        &mut self,
        bound: &ast::FrameBound,
        unit: FrameUnit,
        order_by: &[SortKey],
    ) -> Result<FrameBound> {
        Ok(match bound {
            ast::FrameBound::UnboundedPreceding => FrameBound::UnboundedPreceding,
            ast::FrameBound::CurrentRow => FrameBound::CurrentRow,
            ast::FrameBound::UnboundedFollowing => FrameBound::UnboundedFollowing,
            ast::FrameBound::Preceding(offset) => {
                FrameBound::Preceding(self.frame_offset(offset, unit, order_by)?)
            }
            ast::FrameBound::Following(offset) => {
                FrameBound::Following(self.frame_offset(offset, unit, order_by)?)
            }
        })
    }

    fn frame_offset(
        &mut self,
        offset: &ast::Expr,
        unit: FrameUnit,
        order_by: &[SortKey],
    ) -> Result<Expr> {
        let (kind, construct) = match unit {
            FrameUnit::Rows => (ExprKind::WindowFrameRows, "ROWS"),
            FrameUnit::Range => (ExprKind::WindowFrameRange, "RANGE"),
            FrameUnit::Groups => (ExprKind::WindowFrameGroups, "GROUPS"),
        };
        let current = self.levels.len().saturating_sub(1);
        let uses = self.levels[current].uses.len();
        let bound = self.bind_in_clause(offset, kind)?;
        if let Some(used) = self.levels[current].uses.get(uses) {
            let error = err!(
                sqlstate::INVALID_COLUMN_REFERENCE,
                "argument of {construct} must not contain variables"
            );
            return Err(self.error_at(used.location, error));
        }
        if unit != FrameUnit::Range {
            return Ok(self
                .coerce_to_specific(bound, TypeOid::INT8.into(), construct)?
                .expr);
        }
        let key = order_by.first().map_or(TypeOid::INT8, |k| k.expr.ty().oid);
        let key = self.types().base_type(key);
        let wanted = match key {
            TypeOid::DATE
            | TypeOid::TIME
            | TypeOid::TIMETZ
            | TypeOid::TIMESTAMP
            | TypeOid::TIMESTAMPTZ
            | TypeOid::INTERVAL => TypeOid::INTERVAL,
            TypeOid::FLOAT4 => TypeOid::FLOAT8,
            TypeOid::INT2 | TypeOid::INT4 | TypeOid::INT8 | TypeOid::FLOAT8 | TypeOid::NUMERIC => {
                key
            }
            other => {
                let name = self.types().name(other);
                let error = err!(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    "RANGE with offset PRECEDING/FOLLOWING is not supported for column type {name}"
                );
                return Err(self.error_at(bound.location, error));
            }
        };
        let (from, at) = (bound.oid(), bound.location);
        let context = CoercionContext::Implicit;
        let done = match self.coerce_to_target(bound.clone(), wanted.into(), context, at)? {
            // `RANGE 1 PRECEDING` over bigint and the like takes any whole number.
            None if matches!(from, TypeOid::INT4 | TypeOid::INT8) => {
                self.coerce_to_target(bound, wanted.into(), CoercionContext::Assignment, at)?
            }
            other => other,
        };
        done.map(|d| d.expr).ok_or_else(|| {
            let (key, from) = (self.types().name(key), self.types().name(from));
            let error = err!(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "RANGE with offset PRECEDING/FOLLOWING is not supported for column type {key} and \
                 offset type {from}"
            )
            .with_hint("Cast the offset value to an appropriate type.");
            self.error_at(at, error)
        })
    }
}

/// Adds the window nodes of a level above its plan; calls over equal windows share a node.
pub(super) fn add_windows(
    mut plan: Plan,
    windows: &[WindowSpec],
    calls: Vec<PendingWindow>,
) -> Plan {
    let mut groups: Vec<(usize, Vec<WindowCall>)> = Vec::new();
    for pending in calls {
        let same = |(at, _): &&mut (usize, Vec<WindowCall>)| {
            same_window(&windows[*at], &windows[pending.window])
        };
        match groups.iter_mut().find(same) {
            Some((_, calls)) => calls.push(pending.call),
            None => groups.push((pending.window, vec![pending.call])),
        }
    }
    for (window, calls) in groups {
        let spec = &windows[window];
        plan = Plan::Window(Box::new(Window {
            input: plan,
            partition_by: spec.partition_by.clone(),
            order_by: spec.order_by.clone(),
            calls,
        }));
    }
    plan
}

fn same_window(a: &WindowSpec, b: &WindowSpec) -> bool {
    let same_keys = |x: &SortKey, y: &SortKey| {
        x.descending == y.descending
            && x.nulls_first == y.nulls_first
            && super::same::same(&x.expr, &y.expr)
    };
    a.partition_by.len() == b.partition_by.len()
        && a.order_by.len() == b.order_by.len()
        && a.partition_by
            .iter()
            .zip(&b.partition_by)
            .all(|(x, y)| super::same::same(x, y))
        && a.order_by
            .iter()
            .zip(&b.order_by)
            .all(|(x, y)| same_keys(x, y))
}
