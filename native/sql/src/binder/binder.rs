//! The binder's state: levels of names, columns made so far, parameters.
//!
//! Its methods are spread over this folder's files, one clause or kind of expression a file.
//! Invariants: `levels` is a stack, a bound subquery leaves it as it was; every [`ColumnId`] comes
//! from `columns`.

use super::context::{BindContext, Notice};
use super::definition::Recorder;
use super::expr_kind::ExprKind;
use super::params::Params;
use super::scope::{Level, TableItem};
use super::type_rules::TypeRules;
use super::typed::Typed;
use crate::ir::{ColumnId, ColumnTable, CteId, Plan, SystemColumn};
use common::limits::MAX_CHAIN_LINKS;
use common::{Error, ObjectId, Result};
use hashbrown::HashMap;
use parser::Location;
use std::collections::BTreeSet;
use types::SqlType;

/// How deep views may stand in views.
const VIEW_DEPTH_MAX: u32 = 64;

/// Binds one statement.
pub struct Binder<'a> {
    pub(super) cx: &'a BindContext<'a>,
    pub(super) levels: Vec<Level>,
    pub(super) columns: ColumnTable,
    pub(super) params: Params,
    pub(super) notices: Vec<Notice>,
    /// Where names are looked for now: a view's text has a path of its own.
    pub(super) path: Vec<ObjectId>,
    /// Locations of the tree belong to `cx.sql`: not so inside a view.
    pub(super) has_positions: bool,
    pub(super) view_depth: u32,
    chain_links: usize,
    pub(super) next_cte: u32,
    /// Output columns of operands that are untyped literals.
    pub(super) untyped: HashMap<ColumnId, Typed>,
    /// Notes on places of the text, while a definition is bound.
    pub(super) recorder: Option<Recorder>,
    /// Recursive CTEs whose step has referred to them.
    pub(super) self_references: Vec<CteId>,
    /// A literal was read by the session's settings or clock: the plan is not to be shared.
    pub(super) depends_on_settings: bool,
    /// System columns to add to scans: the scan's marker column, the new id, what it is.
    pub(super) system_requests: Vec<(ColumnId, ColumnId, SystemColumn)>,
    /// Everything that the statement mentions: relations and columns (attnum 0: the whole).
    pub(super) references: BTreeSet<(ObjectId, i16)>,
}

impl<'a> Binder<'a> {
    pub fn new(cx: &'a BindContext<'a>) -> Self {
        Self {
            cx,
            levels: Vec::new(),
            columns: ColumnTable::new(),
            params: Params::default(),
            notices: Vec::new(),
            path: cx.path(),
            has_positions: true,
            view_depth: 0,
            chain_links: 0,
            next_cte: 0,
            untyped: HashMap::new(),
            recorder: None,
            self_references: Vec::new(),
            depends_on_settings: false,
            system_requests: Vec::new(),
            references: BTreeSet::new(),
        }
    }

    pub(super) fn types(&self) -> TypeRules<'a> {
        TypeRules {
            catalog: self.cx.catalog,
        }
    }

    /// The kind of clause being bound.
    pub(super) fn kind(&self) -> ExprKind {
        self.levels
            .last()
            .map_or(ExprKind::Other, |level| level.kind)
    }

    /// Binds with the innermost level in another clause.
    pub(super) fn in_clause<T>(
        &mut self,
        kind: ExprKind,
        bind: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let before = std::mem::replace(&mut self.level().kind, kind);
        let bound = bind(self)?;
        self.level().kind = before;
        Ok(bound)
    }

    /// The innermost level. Expressions without one (defaults) get an empty level first.
    pub(super) fn level(&mut self) -> &mut Level {
        if self.levels.is_empty() {
            self.levels.push(Level::default());
        }
        self.levels.last_mut().expect("one was pushed")
    }

    /// Gives an error its position in the text.
    pub(super) fn error_at(&self, location: Location, error: Error) -> Error {
        if !self.has_positions {
            return error;
        }
        match location.position(self.cx.sql) {
            Some(position) => error.with_position(position),
            None => error,
        }
    }

    /// Asks for a system column of a scan; asked twice gives the same id.
    pub(super) fn request_system(
        &mut self,
        table: &TableItem,
        relation: &str,
        column: SystemColumn,
        name: &str,
        ty: SqlType,
    ) -> ColumnId {
        let known = self
            .system_requests
            .iter()
            .find(|r| r.0 == table.marker && r.2 == column);
        if let Some((_, id, _)) = known {
            return *id;
        }
        let id = self.columns.add(relation, name, ty);
        self.system_requests.push((table.marker, id, column));
        id
    }

    /// Adds the system columns that were asked for to their scans in a level's finished plan.
    pub(super) fn add_system_columns(&mut self, plan: &mut Plan) {
        if self.system_requests.is_empty() {
            return;
        }
        if let Plan::Scan(scan) = plan
            && let Some(marker) = scan_marker(scan)
        {
            for (_, id, column) in self.system_requests.iter().filter(|r| r.0 == marker) {
                if !scan.system.iter().any(|(known, _)| known == id) {
                    scan.system.push((*id, *column));
                }
            }
            return;
        }
        for input in crate::ir::inputs_mut(plan) {
            self.add_system_columns(input);
        }
    }

    /// Counts one more part of a list whose plans nest.
    pub(super) fn add_chain_link(&mut self) -> Result<()> {
        self.chain_links += 1;
        if self.chain_links > MAX_CHAIN_LINKS {
            return Err(too_deep());
        }
        Ok(())
    }

    /// Runs `bind` for a text of its own: no outer names, no positions, another search path.
    pub(super) fn in_view<T>(
        &mut self,
        path: Vec<ObjectId>,
        bind: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        if self.view_depth >= VIEW_DEPTH_MAX {
            return Err(too_deep());
        }
        let levels = std::mem::take(&mut self.levels);
        let path = std::mem::replace(&mut self.path, path);
        let has_positions = std::mem::replace(&mut self.has_positions, false);
        let references = self.references.clone();
        self.view_depth += 1;
        let bound = bind(self);
        self.view_depth -= 1;
        self.references = references;
        self.levels = levels;
        self.path = path;
        self.has_positions = has_positions;
        bound
    }
}

fn too_deep() -> Error {
    Error::new(
        common::sqlstate::STATEMENT_TOO_COMPLEX,
        "stack depth limit exceeded",
    )
}

/// What identifies a scan within its statement: its first column.
pub(super) fn scan_marker(scan: &crate::ir::Scan) -> Option<ColumnId> {
    let plain = scan.columns.first().map(|(id, _)| *id);
    plain.or_else(|| scan.system.first().map(|(id, _)| *id))
}
