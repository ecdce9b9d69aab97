//! ALTER COLUMN TYPE and the rewriting of tables (`ATPrepAlterColumnType`, `ATRewriteTable`).

use std::sync::Arc;

use super::builder::Builder;
use super::plan::{Action, FileKind};
use crate::binder::{Binder, DefinitionKind};
use crate::ir::{ColumnId, Expr};
use catalog::{Layout, Object, Part, Table, TypeRef};
use common::{ObjectId, Result, err, sqlstate};
use parser as ast;
use types::{SqlType, TypeOid};

/// A table being rewritten by one statement.
#[derive(Debug)]
pub(super) struct Rewrite {
    old: Arc<Table>,
    /// Which columns the old rows have, by position.
    old_live: Vec<bool>,
    /// New values over the old row; other columns are copied.
    pub values: Vec<(u16, Expr)>,
}

impl Rewrite {
    pub fn of(table: &Table) -> Self {
        Self {
            old: Arc::new(table.clone()),
            old_live: table.columns.iter().map(|c| !c.dropped).collect(),
            values: Vec::new(),
        }
    }
}

/// One ALTER COLUMN TYPE command.
pub(super) struct TypeChange<'s> {
    pub column: &'s str,
    pub type_name: &'s ast::TypeName,
    pub collation: Option<&'s ast::QualifiedName>,
    pub using: Option<&'s ast::Expr>,
}

fn sql_type(ty: TypeRef) -> SqlType {
    SqlType::with_typmod(TypeOid(ty.oid.0), ty.typmod)
}

impl Builder<'_> {
    pub fn alter_type(
        &mut self,
        oid: ObjectId,
        change: &TypeChange<'_>,
        rewrite: &mut Option<Rewrite>,
    ) -> Result<()> {
        let name = change.column;
        let at = self.column_at(oid, name)?;
        let old = self.table_copy(oid)?;
        let target = self.column_type(change.type_name, name)?;
        let column = &old.columns[at];
        if column.generated && change.using.is_some() {
            return Err(err!(
                sqlstate::INVALID_COLUMN_DEFINITION,
                "cannot specify USING when altering type of generated column"
            )
            .with_detail(format!("Column \"{name}\" is a generated column.")));
        }
        let value = self.conversion(&old, at, target, change)?;
        self.refuse_dependents(&old, column.attnum)?;
        let mut table = old.clone();
        let collation =
            self.bind_with(|cx| Binder::new(cx).column_collation(target.oid, change.collation))?;
        let new = &mut table.columns[at];
        new.ty = TypeRef::new(target.oid.0, target.typmod);
        new.collation = collation;
        let default = new.default.clone().filter(|_| !new.generated);
        if let Some(text) = default {
            self.convert_default(&mut table, at, &text)?;
        }
        let same_bytes = is_relabel(sql_type(column.ty), target) && is_plain(&value, at);
        for layout in &mut table.layouts {
            for stored in layout
                .columns
                .iter_mut()
                .filter(|c| same_bytes && c.attnum == at as i16 + 1)
            {
                stored.ty = TypeRef::new(target.oid.0, target.typmod);
            }
        }
        let attnum = column.attnum;
        self.put(table);
        self.retype_indexes(oid, attnum, target)?;
        if !same_bytes {
            let rewrite = rewrite.get_or_insert_with(|| Rewrite::of(&old));
            rewrite.values.retain(|(p, _)| usize::from(*p) != at);
            rewrite.values.push((at as u16, value));
        }
        self.recheck(oid, attnum)
    }

    /// Views and generated columns keep a column's type.
    fn refuse_dependents(&self, table: &Table, attnum: i16) -> Result<()> {
        let column = &table.columns[attnum as usize - 1];
        for (object, dependency) in self.catalog.dependencies_on(table.oid) {
            if dependency.on_sub != attnum {
                continue;
            }
            match (object, dependency.from) {
                (Object::Table(view), Part::Whole) if view.query.is_some() => {
                    let view = self.describer().describe(object, Part::Whole);
                    return Err(err!(
                        sqlstate::FEATURE_NOT_SUPPORTED,
                        "cannot alter type of a column used by a view or rule"
                    )
                    .with_detail(format!(
                        "rule _RETURN on {view} depends on column \"{}\"",
                        column.name
                    )));
                }
                (Object::Table(other), Part::Column(user)) if user != attnum => {
                    let user = other.attribute(user).map_or("", |c| c.name.as_str());
                    return Err(err!(
                        sqlstate::FEATURE_NOT_SUPPORTED,
                        "cannot alter type of a column used by a generated column"
                    )
                    .with_detail(format!(
                        "Column \"{}\" is used by generated column \"{user}\".",
                        column.name
                    )));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The new value over the old row.
    fn conversion(
        &self,
        table: &Table,
        at: usize,
        target: SqlType,
        change: &TypeChange<'_>,
    ) -> Result<Expr> {
        let name = change.column;
        if let Some(using) = change.using {
            let kind = DefinitionKind::AlterUsing {
                column: name.to_owned(),
                target,
            };
            return Ok(self.define(using, Some(table), kind)?.expr);
        }
        let from = sql_type(table.columns[at].ty);
        let column = Expr::column(ColumnId(at as u32), from);
        let done = self.bind_with(|cx| Binder::new(cx).assign_cast(column, target))?;
        done.ok_or_else(|| {
            let to = types::format_type(target.oid, -1);
            let full = types::format_type(target.oid, target.typmod);
            err!(
                sqlstate::DATATYPE_MISMATCH,
                "column \"{name}\" cannot be cast automatically to type {to}"
            )
            .with_hint(format!(
                "You might need to specify \"USING {}::{full}\".",
                common::quote_identifier(name)
            ))
        })
    }

    fn convert_default(&mut self, table: &mut Table, at: usize, text: &str) -> Result<()> {
        let expr = crate::binder::parse_expression(text)?;
        let column = table.columns[at].clone();
        match self.define_default(&expr, &column) {
            Ok(_) => Ok(()),
            Err(error) if error.state() == sqlstate::DATATYPE_MISMATCH => Err(err!(
                sqlstate::DATATYPE_MISMATCH,
                "default for column \"{}\" cannot be cast automatically to type {}",
                column.name,
                types::format_type(TypeOid(column.ty.oid.0), -1)
            )),
            Err(error) => Err(error),
        }
    }

    fn retype_indexes(&mut self, table: ObjectId, attnum: i16, target: SqlType) -> Result<()> {
        let collation = self.table_copy(table)?.columns[attnum as usize - 1].collation;
        let indexes: Vec<_> = self.catalog.indexes_of(table).cloned().collect();
        for index in indexes.iter().filter(|i| i.attnums().any(|a| a == attnum)) {
            let mut changed = (**index).clone();
            for key in changed.keys.iter_mut().filter(|k| k.attnum == attnum) {
                key.ty = TypeRef::new(target.oid.0, target.typmod);
                key.collation = collation;
            }
            self.put(changed);
        }
        Ok(())
    }

    /// Checks over the column must still bind, and hold; foreign keys must still compare.
    fn recheck(&mut self, table: ObjectId, attnum: i16) -> Result<()> {
        self.rules(table)?;
        let constraints: Vec<_> = self.catalog.constraints_of(table).cloned().collect();
        for constraint in constraints.iter().filter(|c| c.columns.contains(&attnum)) {
            if constraint.kind == catalog::ConstraintKind::Foreign {
                self.act(Action::CheckForeignKey {
                    constraint: constraint.oid,
                });
            }
        }
        Ok(())
    }

    /// The rewrite of a whole statement, after all commands.
    pub fn finish_rewrite(&mut self, oid: ObjectId, rewrite: Rewrite) -> Result<()> {
        let mut table = self.table_copy(oid)?;
        self.new_file(&mut table)?;
        let mut values = Vec::with_capacity(table.columns.len());
        for column in table.live_columns() {
            let at = column.attnum as usize - 1;
            let given = rewrite.values.iter().find(|(p, _)| usize::from(*p) == at);
            match given {
                Some((position, value)) => values.push((*position, value.clone())),
                None if rewrite.old_live.get(at).copied().unwrap_or(false) => {
                    let ty = sql_type(column.ty);
                    values.push((at as u16, Expr::column(ColumnId(at as u32), ty)));
                }
                None => {}
            }
        }
        self.put(table);
        self.act(Action::RewriteTable {
            table: oid,
            old: rewrite.old,
            values,
        });
        self.rebuild_indexes(oid);
        self.plan.actions.sort_by_key(turn_of);
        Ok(())
    }

    /// Gives a table an empty file in place of its own, and one layout.
    pub fn new_file(&mut self, table: &mut Table) -> Result<()> {
        let old = table.file;
        table.file = self.file(table.oid, FileKind::Table);
        // No leaf of a new file has a layout yet, so any number will do.
        let id = table.layouts.last().map_or(0, |l| l.id.wrapping_add(1));
        table.layouts = vec![Layout {
            id,
            ..super::create_table::first_layout(table)
        }];
        if old.0 != 0 {
            self.act(Action::DropFile(old));
        }
        Ok(())
    }

    /// New files for all indexes of a table, filled from its rows.
    pub fn rebuild_indexes(&mut self, table: ObjectId) {
        self.empty_indexes(table);
        let indexes: Vec<ObjectId> = self.catalog.indexes_of(table).map(|i| i.oid).collect();
        self.plan.actions.retain(|a| {
            !matches!(a, Action::BuildIndex { index, .. }
            if indexes.contains(index))
        });
        for index in indexes {
            self.act(Action::BuildIndex {
                index,
                concurrently: false,
            });
        }
    }

    /// New, empty files for all indexes of a table.
    pub fn empty_indexes(&mut self, table: ObjectId) {
        let indexes: Vec<_> = self.catalog.indexes_of(table).cloned().collect();
        for index in indexes {
            let mut changed = (*index).clone();
            changed.file = self.file(index.oid, FileKind::Index);
            self.act(Action::DropFile(index.file));
            self.put(changed);
        }
    }
}

/// When an action of a statement that rewrites a table has its turn. All files are there before the
/// first row is written: a rollback looks into the indexes too. Values may come from sequences; the
/// checks of the statement read the new rows, by their indexes.
fn turn_of(action: &Action) -> u8 {
    match action {
        Action::CreateFile { .. } => 0,
        Action::SetSequence { .. } => 1,
        Action::RewriteTable { .. } => 2,
        Action::BuildIndex { .. } => 3,
        _ => 4,
    }
}

/// True if values of one type are values of the other as they lie.
fn is_relabel(from: SqlType, to: SqlType) -> bool {
    let text = |t: SqlType| matches!(t.oid, TypeOid::TEXT | TypeOid::VARCHAR);
    if text(from) && text(to) {
        return match (from.char_length(), to.char_length()) {
            (_, None) => true,
            (Some(from), Some(to)) => to >= from,
            (None, Some(_)) => false,
        };
    }
    if from.oid != to.oid {
        return false;
    }
    if from.oid == TypeOid::NUMERIC {
        return match (from.numeric_precision_scale(), to.numeric_precision_scale()) {
            (_, None) => true,
            (Some((p, s)), Some((q, t))) => s == t && q >= p,
            (None, Some(_)) => false,
        };
    }
    to.typmod < 0 || to.typmod == from.typmod
}

/// True if the value is the old column, casts apart.
fn is_plain(value: &Expr, at: usize) -> bool {
    match value {
        Expr::Cast(cast) => is_plain(&cast.arg, at),
        other => other.as_column() == Some(ColumnId(at as u32)),
    }
}
