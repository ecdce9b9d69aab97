//! Column references: from a dotted name to a column of some level.
//!
//! Follows `transformColumnRef` and `parse_relation.c`: the innermost level that knows a name wins,
//! two candidates in one level are ambiguous, and what is not found gets PostgreSQL's hints.

use super::binder::Binder;
use super::expr_kind::ExprKind;
use super::hints;
use super::scope::{ColumnUse, Item, ItemColumn};
use super::typed::Typed;
use crate::ir::{Expr, SystemColumn};
use common::{Error, ObjectId, Result, err, sqlstate};
use parser::{Location, NamePart};
use types::{SqlType, TypeOid};

/// Where an item was found: level and index within it.
#[derive(Debug, Clone, Copy)]
pub(super) struct ItemAt {
    pub level: usize,
    pub item: usize,
}

impl Binder<'_> {
    /// Binds `a`, `t.a`, `s.t.a`, or a whole row `t`.
    pub(super) fn bind_column_ref(
        &mut self,
        parts: &[NamePart],
        location: Location,
    ) -> Result<Typed> {
        self.refuse_column_here(location)?;
        let names: Vec<&str> = parts
            .iter()
            .map(|part| match part {
                NamePart::Name(name) => name.as_str(),
                NamePart::Star => "*",
            })
            .collect();
        // A column may bear the name "*", so the text alone does not tell.
        let is_star = parts.last() == Some(&NamePart::Star);
        let column_of = |name| if is_star { None } else { Some(name) };
        match *names.as_slice() {
            [column] => self.bind_bare_column(column, location),
            [table, column] => self.bind_qualified(None, table, column_of(column), location),
            [schema, table, column] => {
                self.bind_qualified(Some(schema), table, column_of(column), location)
            }
            [database, schema, table, column] if database == self.cx.database_name() => {
                self.bind_qualified(Some(schema), table, column_of(column), location)
            }
            [_, _, _, _] => Err(self.error_at(
                location,
                err!(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    "cross-database references are not implemented: {}",
                    names.join(".")
                ),
            )),
            _ => Err(self.error_at(
                location,
                err!(
                    sqlstate::SYNTAX_ERROR,
                    "improper qualified name (too many dotted names): {}",
                    names.join(".")
                ),
            )),
        }
    }

    fn refuse_column_here(&self, location: Location) -> Result<()> {
        let message = match self.kind() {
            ExprKind::Default => "cannot use column reference in DEFAULT expression",
            _ => return Ok(()),
        };
        let error = Error::new(sqlstate::FEATURE_NOT_SUPPORTED, message);
        Err(self.error_at(location, error))
    }

    fn bind_bare_column(&mut self, name: &str, location: Location) -> Result<Typed> {
        if let Some(found) = self.find_column(name, location)? {
            return Ok(found);
        }
        if let Some(at) = self.find_item(None, name, location)? {
            return self.whole_row(at, location);
        }
        Err(self.missing_column(None, name, location))
    }

    /// The column of that name at the innermost level that has one.
    pub(super) fn find_column(&mut self, name: &str, location: Location) -> Result<Option<Typed>> {
        for level in (0..self.levels.len()).rev() {
            let mut found: Option<(usize, usize)> = None;
            let mut system = None;
            for (at, item) in self.levels[level].items.iter().enumerate() {
                if !item.columns_visible || (item.lateral_only && !self.levels[level].lateral) {
                    continue;
                }
                let mut hits = 0;
                for (index, column) in item.columns.iter().enumerate() {
                    if column.name == name {
                        hits += 1;
                        if hits > 1 || found.is_some() {
                            return Err(self.ambiguous_column(name, location));
                        }
                        found = Some((at, index));
                    }
                }
                if hits == 0 && item.table.is_some() && system_column(name).is_some() {
                    if found.is_some() || system.is_some() {
                        return Err(self.ambiguous_column(name, location));
                    }
                    system = Some(at);
                }
            }
            if let Some((item, index)) = found {
                self.check_lateral(ItemAt { level, item }, location)?;
                return Ok(Some(self.use_column(
                    ItemAt { level, item },
                    index,
                    location,
                )));
            }
            if let Some(item) = system {
                self.check_lateral(ItemAt { level, item }, location)?;
                return self
                    .use_system(ItemAt { level, item }, name, location)
                    .map(Some);
            }
        }
        Ok(None)
    }

    fn ambiguous_column(&self, name: &str, location: Location) -> Error {
        let error = err!(
            sqlstate::AMBIGUOUS_COLUMN,
            "column reference \"{name}\" is ambiguous"
        );
        self.error_at(location, error)
    }

    /// A column of a table, or its whole row where none is named.
    fn bind_qualified(
        &mut self,
        schema: Option<&str>,
        table: &str,
        column: Option<&str>,
        location: Location,
    ) -> Result<Typed> {
        let Some(at) = self.find_item(schema, table, location)? else {
            return Err(self.missing_item(table, location));
        };
        let Some(column) = column else {
            return self.whole_row(at, location);
        };
        if let Some(found) = self.column_of(at, column, location)? {
            return Ok(found);
        }
        Err(self.missing_column(Some(table), column, location))
    }

    /// The named column of an item, a system column included.
    pub(super) fn column_of(
        &mut self,
        at: ItemAt,
        name: &str,
        location: Location,
    ) -> Result<Option<Typed>> {
        let item = &self.levels[at.level].items[at.item];
        let mut hits = item
            .columns
            .iter()
            .enumerate()
            .filter(|(_, c)| c.name == name);
        match (hits.next(), hits.next()) {
            (Some(_), Some(_)) => Err(self.ambiguous_column(name, location)),
            (Some((index, _)), None) => Ok(Some(self.use_column(at, index, location))),
            _ if item.table.is_some() && system_column(name).is_some() => {
                self.use_system(at, name, location).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The item of that name at the innermost level that has one.
    pub(super) fn find_item(
        &self,
        schema: Option<&str>,
        name: &str,
        location: Location,
    ) -> Result<Option<ItemAt>> {
        for level in (0..self.levels.len()).rev() {
            let mut found = None;
            for (index, item) in self.levels[level].items.iter().enumerate() {
                let hidden = !item.name_visible
                    || (item.lateral_only && !self.levels[level].lateral)
                    || item.name != name;
                if hidden || (schema.is_some() && item.schema.as_deref() != schema) {
                    continue;
                }
                if found.is_some() {
                    let error = err!(
                        sqlstate::AMBIGUOUS_ALIAS,
                        "table reference \"{name}\" is ambiguous"
                    );
                    return Err(self.error_at(location, error));
                }
                found = Some(ItemAt { level, item: index });
            }
            if let Some(at) = found {
                self.check_lateral(at, location)?;
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    fn check_lateral(&self, at: ItemAt, location: Location) -> Result<()> {
        let item = &self.levels[at.level].items[at.item];
        if !item.lateral_only || item.lateral_ok {
            return Ok(());
        }
        let error = err!(
            sqlstate::INVALID_COLUMN_REFERENCE,
            "invalid reference to FROM-clause entry for table \"{}\"",
            item.name
        );
        let detail = "The combining JOIN type must be INNER or LEFT for a LATERAL reference.";
        Err(self.error_at(location, error.with_detail(detail)))
    }

    /// Takes a column, noting the use.
    pub(super) fn use_column(&mut self, at: ItemAt, index: usize, location: Location) -> Typed {
        let column = self.levels[at.level].items[at.item].columns[index].clone();
        self.note_use(at.level, &column.expr, location);
        self.note_reference(column.origin);
        Typed::of_column(&column, location)
    }

    /// Notes that the statement mentions a column.
    pub(super) fn note_reference(&mut self, origin: (ObjectId, i16)) {
        if origin.0.0 != 0 {
            self.references.insert(origin);
        }
    }

    /// Notes that an expression made of a level's columns was used at `location`.
    fn note_use(&mut self, level: usize, expr: &Expr, location: Location) {
        let uses = &mut self.levels[level].uses;
        crate::ir::for_each_column(expr, &mut |id| uses.push(ColumnUse { id, location }));
    }

    fn use_system(&mut self, at: ItemAt, name: &str, location: Location) -> Result<Typed> {
        let (column, ty) = system_column(name).expect("the caller looked it up");
        let Some(column) = column else {
            return Err(Error::not_implemented(format_args!(
                "system column \"{name}\""
            )));
        };
        let item = &self.levels[at.level].items[at.item];
        let table = item.table.clone().expect("only tables have system columns");
        let relation = item.name.clone();
        let id = self.request_system(&table, &relation, column, name, ty);
        let expr = Expr::column(id, ty);
        self.note_use(at.level, &expr, location);
        Ok(Typed::plain(expr, location))
    }

    /// A row of all columns of an item.
    pub(super) fn whole_row(&mut self, at: ItemAt, location: Location) -> Result<Typed> {
        let item = &self.levels[at.level].items[at.item];
        if item.scalar_function && item.columns.len() == 1 {
            return Ok(self.use_column(at, 0, location));
        }
        let columns: Vec<ItemColumn> = item.columns.clone();
        let ty = self.row_type_of(item);
        for column in &columns {
            self.note_use(at.level, &column.expr, location);
            self.note_reference(column.origin);
        }
        let names = columns.iter().map(|c| c.name.clone()).collect();
        let fields = columns.into_iter().map(|c| c.expr).collect();
        Ok(Typed::plain(Expr::Row { fields, names, ty }, location))
    }

    fn row_type_of(&self, item: &Item) -> SqlType {
        match item.row_type {
            TypeOid::INVALID => TypeOid::RECORD.into(),
            oid => oid.into(),
        }
    }

    fn missing_column(&self, table: Option<&str>, name: &str, location: Location) -> Error {
        let message = match table {
            Some(table) => format!("column {table}.{name} does not exist"),
            None => format!("column \"{name}\" does not exist"),
        };
        let mut error = Error::new(sqlstate::UNDEFINED_COLUMN, message);
        if let Some(hint) = hints::column_hint(&self.levels, table, name) {
            error = error.with_hint(hint);
        }
        self.error_at(location, error)
    }

    pub(super) fn missing_item(&self, name: &str, location: Location) -> Error {
        let (message, hint) = match hints::relation_hint(&self.levels, name) {
            Some(hint) => {
                let text = format!("invalid reference to FROM-clause entry for table \"{name}\"");
                (text, Some(hint))
            }
            None => (
                format!("missing FROM-clause entry for table \"{name}\""),
                None,
            ),
        };
        let mut error = Error::new(sqlstate::UNDEFINED_TABLE, message);
        if let Some(hint) = hint {
            error = error.with_hint(hint);
        }
        self.error_at(location, error)
    }
}

/// A system column by name: what the scan gives (`None`: not built) and its type.
pub(super) fn system_column(name: &str) -> Option<(Option<SystemColumn>, SqlType)> {
    Some(match name {
        "tableoid" => (Some(SystemColumn::TableOid), TypeOid::OID.into()),
        "ctid" => (Some(SystemColumn::Ctid), TypeOid::TID.into()),
        "xmin" => (Some(SystemColumn::Xmin), TypeOid::XID.into()),
        "xmax" => (None, TypeOid::XID.into()),
        "cmin" | "cmax" => (None, TypeOid::CID.into()),
        _ => return None,
    })
}
