//! FROM: tables, views, CTEs, subqueries and functions as items (`parse_clause.c`).

use super::binder::Binder;
use super::collation::CollationOf;
use super::expr_kind::ExprKind;
use super::relation::NamedRelation;
use super::scope::{CteEntry, CteState, Item, ItemColumn, RelationNote, TableItem};
use super::subquery::BoundQuery;
use crate::ir::{ColumnId, CteScan, Expr, Join, JoinKind, Plan, Scan};
use catalog::{Table, TableKind};
use common::{Error, ObjectId, Result, err, sqlstate};
use parser as ast;
use std::sync::Arc;
use types::{SqlType, TypeOid};

/// A bound FROM item: its plan and the items that names see.
pub(super) struct FromPart {
    pub plan: Plan,
    pub items: Vec<Item>,
}

impl FromPart {
    pub fn single(plan: Plan, item: Item) -> Self {
        Self {
            plan,
            items: vec![item],
        }
    }

    /// The columns that a bare name or `*` sees, in order.
    pub fn visible_columns(&self) -> Vec<ItemColumn> {
        let visible = self.items.iter().filter(|item| item.columns_visible);
        visible
            .flat_map(|item| item.columns.iter().cloned())
            .collect()
    }
}

impl Binder<'_> {
    /// Binds the FROM list into one plan; its items become the level's.
    pub(super) fn bind_from(&mut self, from: &[ast::FromItem]) -> Result<Plan> {
        let mut plan: Option<Plan> = None;
        for item in from {
            self.add_chain_link()?;
            let part = self.bind_from_item(item)?;
            self.check_conflicts(&part.items, ast::Location::NONE)?;
            plan = Some(match plan {
                None => part.plan,
                Some(left) => cross(left, part.plan),
            });
            let level = self.level();
            level.items.extend(part.items.into_iter().map(|mut item| {
                item.lateral_only = true;
                item.lateral_ok = true;
                item
            }));
        }
        for item in &mut self.level().items {
            item.lateral_only = false;
            item.lateral_ok = true;
        }
        Ok(plan.unwrap_or(Plan::OneRow))
    }

    /// `table name "t" specified more than once` (`checkNameSpaceConflicts`).
    pub(super) fn check_conflicts(&self, new: &[Item], location: ast::Location) -> Result<()> {
        let Some(level) = self.levels.last() else {
            return Ok(());
        };
        for item in new.iter().filter(|i| i.name_visible) {
            let same = |other: &&Item| {
                let both_plain = item.schema.is_some() && other.schema.is_some();
                let other_table = both_plain && item.schema != other.schema;
                other.name_visible && other.name == item.name && !other_table
            };
            if level.items.iter().any(|other| same(&other)) {
                let error = err!(
                    sqlstate::DUPLICATE_ALIAS,
                    "table name \"{}\" specified more than once",
                    item.name
                );
                return Err(self.error_at(location, error));
            }
        }
        Ok(())
    }

    pub(super) fn bind_from_item(&mut self, item: &ast::FromItem) -> Result<FromPart> {
        match item {
            ast::FromItem::Table(table) => self.bind_table_ref(table),
            ast::FromItem::Subquery(subquery) => self.bind_from_subquery(subquery),
            ast::FromItem::Function(function) => self.bind_from_function(function),
            ast::FromItem::Join(join) => self.bind_join(join),
            ast::FromItem::Sample(_) => Err(Error::not_implemented("TABLESAMPLE")),
        }
    }

    fn bind_table_ref(&mut self, table: &ast::TableRef) -> Result<FromPart> {
        if table.name.schema.is_none()
            && let Some(cte) = self.find_cte(&table.name.name).cloned()
        {
            return self.scan_cte(&cte, table);
        }
        let relation = match self.find_relation(&table.name)? {
            NamedRelation::Table(relation) => {
                self.record_table(table.name.location, &relation);
                relation
            }
            NamedRelation::Sequence(_) => {
                return Err(Error::not_implemented("reading a sequence as a table"));
            }
        };
        match relation.kind {
            TableKind::View => self.scan_view(&relation, table),
            _ => {
                let (scan, item) = self.scan_table(&relation, table)?;
                Ok(FromPart::single(Plan::Scan(Box::new(scan)), item))
            }
        }
    }

    /// A scan of all columns of a table and the item of its name.
    pub(super) fn scan_table(
        &mut self,
        table: &Arc<Table>,
        name: &ast::TableRef,
    ) -> Result<(Scan, Item)> {
        let alias = alias_of(name);
        let mut scan = Scan {
            table: table.clone(),
            alias: alias.clone(),
            columns: Vec::with_capacity(table.columns.len()),
            system: Vec::new(),
        };
        let mut columns = Vec::with_capacity(table.columns.len());
        self.references.insert((table.oid, 0));
        for column in table.live_columns() {
            let ty = column_type(column);
            let id = self.columns.add(alias.clone(), column.name.clone(), ty);
            scan.columns.push((id, column.attnum as u16 - 1));
            columns.push(ItemColumn {
                name: column.name.clone(),
                expr: Expr::column(id, ty),
                ty,
                collation: CollationOf::of_column(ty.oid, column.collation),
                origin: (table.oid, column.attnum),
            });
        }
        if scan.columns.is_empty() {
            let ty = SqlType::new(TypeOid::INT8);
            let id = self.columns.add(alias.clone(), "row", ty);
            scan.system.push((id, crate::ir::SystemColumn::RowId));
        }
        let marker = super::binder::scan_marker(&scan).expect("a column was just added");
        self.rename_columns(&mut columns, name.alias.as_ref(), &alias)?;
        let item = self.make_item(name, alias, columns, table);
        let item = Item {
            table: Some(TableItem {
                table: table.clone(),
                marker,
            }),
            ..item
        };
        Ok((scan, item))
    }

    fn make_item(
        &mut self,
        name: &ast::TableRef,
        alias: String,
        columns: Vec<ItemColumn>,
        table: &Arc<Table>,
    ) -> Item {
        let schema = match &name.alias {
            Some(_) => None,
            None => self.cx.catalog.schema(table.schema).map(|s| s.name.clone()),
        };
        let hidden = name.alias.as_ref().is_some_and(|a| a.name != table.name);
        self.note_relation(&alias, hidden.then(|| table.name.clone()), &columns);
        Item {
            row_type: TypeOid(table.row_type.0),
            schema,
            ..Item::new(alias, columns)
        }
    }

    /// Remembers a relation for the hints of errors.
    pub(super) fn note_relation(
        &mut self,
        alias: &str,
        relation: Option<String>,
        columns: &[ItemColumn],
    ) {
        let note = RelationNote {
            alias: alias.to_owned(),
            relation,
            columns: columns.iter().map(|c| c.name.clone()).collect(),
        };
        self.level().relations.push(note);
    }

    /// Applies `AS t (a, b)`.
    pub(super) fn rename_columns(
        &mut self,
        columns: &mut [ItemColumn],
        alias: Option<&ast::TableAlias>,
        name: &str,
    ) -> Result<()> {
        let Some(alias) = alias else {
            return Ok(());
        };
        if alias.columns.len() > columns.len() {
            return Err(err!(
                sqlstate::INVALID_COLUMN_REFERENCE,
                "table \"{name}\" has {} columns available but {} columns specified",
                columns.len(),
                alias.columns.len()
            ));
        }
        for (column, name) in columns.iter_mut().zip(&alias.columns) {
            column.name.clone_from(name);
        }
        Ok(())
    }

    /// The CTE of that name, innermost first.
    pub(super) fn find_cte(&self, name: &str) -> Option<&CteEntry> {
        let levels = self.levels.iter().rev();
        levels
            .flat_map(|level| level.ctes.iter().rev())
            .find(|cte| cte.name == name && cte.state != CteState::Pending)
    }

    fn scan_cte(&mut self, cte: &CteEntry, name: &ast::TableRef) -> Result<FromPart> {
        if cte.state == CteState::WithoutReturning {
            let error = err!(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "WITH query \"{}\" does not have a RETURNING clause",
                cte.name
            );
            return Err(self.error_at(name.name.location, error));
        }
        if cte.state == CteState::Recursive {
            self.note_self_reference(cte.id, name.name.location)?;
        }
        let alias = alias_of(name);
        let mut produced = Vec::with_capacity(cte.columns.len());
        let mut columns = Vec::with_capacity(cte.columns.len());
        for (at, column) in cte.columns.iter().enumerate() {
            let id = self
                .columns
                .add(alias.clone(), column.name.clone(), column.ty);
            produced.push((id, at as u16));
            columns.push(ItemColumn {
                name: column.name.clone(),
                expr: Expr::column(id, column.ty),
                ty: column.ty,
                collation: column.collation,
                origin: column.origin,
            });
        }
        self.rename_columns(&mut columns, name.alias.as_ref(), &alias)?;
        let hidden = (alias != cte.name).then(|| cte.name.clone());
        self.note_relation(&alias, hidden, &columns);
        let plan = Plan::CteScan(CteScan {
            cte: cte.id,
            alias: alias.clone(),
            columns: produced,
        });
        let item = Item {
            unlockable: Some("a WITH query"),
            ..Item::new(alias, columns)
        };
        Ok(FromPart::single(plan, item))
    }

    /// A view is its query, bound anew at each use.
    fn scan_view(&mut self, view: &Arc<Table>, name: &ast::TableRef) -> Result<FromPart> {
        let alias = alias_of(name);
        let locking = self.locking_of(&alias);
        let bound = self.bind_view(view, locking)?;
        self.references.insert((view.oid, 0));
        let mut columns = Vec::with_capacity(bound.columns.len());
        for (column, declared) in bound.columns.iter().zip(view.live_columns()) {
            columns.push(ItemColumn {
                name: declared.name.clone(),
                expr: Expr::column(column.id, column.ty),
                ty: column.ty,
                collation: column.collation,
                origin: (view.oid, declared.attnum),
            });
        }
        self.rename_columns(&mut columns, name.alias.as_ref(), &alias)?;
        let item = Item {
            locks: bound.locks,
            ..self.make_item(name, alias, columns, view)
        };
        Ok(FromPart::single(bound.plan, item))
    }

    fn bind_from_subquery(&mut self, subquery: &ast::SubqueryRef) -> Result<FromPart> {
        let Some(alias) = &subquery.alias else {
            let location = super::values::first_location(&subquery.query);
            let error = Error::new(
                sqlstate::SYNTAX_ERROR,
                "subquery in FROM must have an alias",
            )
            .with_hint("For example, FROM (SELECT ...) [AS] foo.");
            return Err(self.error_at(location, error));
        };
        let locking = self.locking_of(&alias.name);
        let bound = self.in_lateral(subquery.lateral, ExprKind::FromSubselect, |binder| {
            binder.bind_query_locked(&subquery.query, locking)
        })?;
        let mut columns = item_columns(&bound);
        self.rename_columns(&mut columns, Some(alias), &alias.name)?;
        self.note_relation(&alias.name, None, &columns);
        let item = Item {
            locks: bound.locks,
            ..Item::new(alias.name.clone(), columns)
        };
        Ok(FromPart::single(bound.plan, item))
    }

    /// Binds with the items to the left visible, if `lateral`; else with none of this level.
    pub(super) fn in_lateral<T>(
        &mut self,
        lateral: bool,
        kind: ExprKind,
        bind: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let level = self.level();
        let before = (level.lateral, level.kind);
        level.lateral = lateral;
        level.kind = kind;
        let bound = bind(self)?;
        let level = self.level();
        (level.lateral, level.kind) = before;
        Ok(bound)
    }
}

/// The columns of a bound query as an item's.
pub(super) fn item_columns(bound: &BoundQuery) -> Vec<ItemColumn> {
    let column = |c: &super::subquery::BoundColumn| ItemColumn {
        name: c.name.clone(),
        expr: Expr::column(c.id, c.ty),
        ty: c.ty,
        collation: c.collation,
        origin: c.origin,
    };
    bound.columns.iter().map(column).collect()
}

/// The name by which a table is known in its query.
pub(super) fn alias_of(table: &ast::TableRef) -> String {
    table
        .alias
        .as_ref()
        .map_or_else(|| table.name.name.clone(), |a| a.name.clone())
}

/// A column's type as values have it.
pub(super) fn column_type(column: &catalog::Column) -> SqlType {
    SqlType::with_typmod(TypeOid(column.ty.oid.0), column.ty.typmod)
}

/// The cross join of two FROM items, lateral where the right refers to the left.
pub(super) fn cross(left: Plan, right: Plan) -> Plan {
    let lateral = refers_to(&right, &left);
    Plan::Join(Box::new(Join {
        kind: JoinKind::Inner,
        left,
        right,
        condition: Expr::boolean(true),
        lateral,
    }))
}

/// True if `right` needs columns that `left` produces.
pub(super) fn refers_to(right: &Plan, left: &Plan) -> bool {
    if matches!(right, Plan::Scan(_) | Plan::CteScan(_)) {
        return false;
    }
    let outer = crate::ir::outer_columns(right);
    let made: Vec<ColumnId> = crate::ir::produced(left);
    made.iter().any(|id| outer.contains(id))
}

impl Item {
    /// An item all of whose names are visible.
    pub fn new(name: String, columns: Vec<ItemColumn>) -> Self {
        Self {
            name,
            schema: None,
            columns,
            name_visible: true,
            columns_visible: true,
            lateral_only: false,
            lateral_ok: true,
            table: None,
            row_type: TypeOid::INVALID,
            scalar_function: false,
            unlockable: None,
            locks: Vec::new(),
            hidden: Vec::new(),
        }
    }
}

/// No table: what computed columns have as their origin.
pub(super) const NO_ORIGIN: (ObjectId, i16) = (ObjectId(0), 0);
