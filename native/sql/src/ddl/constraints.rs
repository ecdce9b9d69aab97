//! Table constraints: primary keys, unique and check constraints (`transformIndexConstraint`,
//! `AddRelationNewConstraints`).

use super::builder::Builder;
use super::create_table::Pending;
use super::plan::{Action, FileKind};
use crate::binder::DefinitionKind;
use catalog::{Column, Constraint, ConstraintKind, Index, IndexKey, Table};
use common::{Error, ObjectId, Result, err, limits, sqlstate};
use parser as ast;

impl Builder<'_> {
    /// Adds the constraints of a statement: keys first, then checks, foreign keys last, as
    /// PostgreSQL does. `is_new`: the table has no rows.
    pub fn add_constraints(
        &mut self,
        table: ObjectId,
        pending: &[Pending<'_>],
        is_new: bool,
    ) -> Result<()> {
        use ast::ConstraintKind as K;
        let primary = |p: &&Pending<'_>| matches!(p.constraint.kind, K::PrimaryKey(_));
        let mut keys: Vec<&Pending<'_>> = pending.iter().filter(primary).collect();
        let first = keys.first().map(|p| p.constraint.location);
        if keys.len() > 1
            || (!is_new && first.is_some() && self.catalog.primary_key(table).is_some())
        {
            return Err(self.second_primary(
                table,
                keys.last()
                    .filter(|_| is_new)
                    .map(|p| p.constraint.location),
            ));
        }
        keys.extend(
            pending
                .iter()
                .filter(|p| matches!(p.constraint.kind, K::Unique(_))),
        );
        for key in &keys {
            self.add_key(table, key, is_new)?;
        }
        for p in pending
            .iter()
            .filter(|p| matches!(p.constraint.kind, K::Check(_)))
        {
            self.add_check(table, p, is_new)?;
        }
        for p in pending
            .iter()
            .filter(|p| matches!(p.constraint.kind, K::ForeignKey(_)))
        {
            self.add_foreign_key(table, p, is_new)?;
        }
        Ok(())
    }

    fn second_primary(&self, table: ObjectId, at: Option<ast::Location>) -> Error {
        let name = self.catalog.table(table).map_or("", |t| t.name.as_str());
        let error = err!(
            sqlstate::INVALID_TABLE_DEFINITION,
            "multiple primary keys for table \"{name}\" are not allowed"
        );
        self.error_at(at.unwrap_or_default(), error)
    }

    /// PRIMARY KEY or UNIQUE: the constraint and its index.
    fn add_key(&mut self, oid: ObjectId, pending: &Pending<'_>, is_new: bool) -> Result<()> {
        let constraint = pending.constraint;
        let (key, primary) = match &constraint.kind {
            ast::ConstraintKind::PrimaryKey(key) => (key, true),
            ast::ConstraintKind::Unique(key) => (key, false),
            _ => return Err(Error::internal("a key was expected")),
        };
        if let Some(index) = &key.using_index {
            return self.key_using_index(oid, constraint, index, primary);
        }
        let mut table = self.table_copy(oid)?;
        let written = match &pending.column {
            Some(column) => vec![column.clone()],
            None => key.columns.clone(),
        };
        let columns = self.key_columns(&table, &written, primary, constraint.location)?;
        let include = self.include_columns(&table, &key.include, constraint.location)?;
        if primary {
            for attnum in &columns {
                let column = &mut table.columns[*attnum as usize - 1];
                if !column.not_null {
                    column.not_null = true;
                    if !is_new {
                        let position = *attnum as u16 - 1;
                        self.act(Action::CheckNotNull {
                            table: oid,
                            position,
                        });
                    }
                }
            }
            self.put(table.clone());
        }
        let name = match &constraint.name {
            Some(name) => {
                self.check_free(&table, name)?;
                name.clone()
            }
            None if primary => {
                self.choose_relation_name(&table.name, None, "pkey", table.schema, true)
            }
            None => {
                let names: Vec<&str> = written.iter().map(String::as_str).collect();
                let joined = super::names::join_columns(&names);
                self.choose_relation_name(&table.name, Some(&joined), "key", table.schema, true)
            }
        };
        let index = self.oid();
        let keys = columns
            .iter()
            .map(|attnum| plain_key(&table, *attnum))
            .collect();
        let made = Index {
            oid: index,
            name: name.clone(),
            schema: table.schema,
            table: oid,
            keys,
            include,
            unique: true,
            primary,
            nulls_not_distinct: key.nulls_not_distinct,
            file: self.file(index, FileKind::Index),
            valid: true,
            ready: true,
            options: super::options::storage_options(&key.options)?,
            deferrable: constraint.deferrable,
            ..Index::default()
        };
        self.put(made);
        if !is_new {
            self.act(Action::BuildIndex {
                index,
                concurrently: false,
            });
        }
        let made = Constraint {
            oid: self.oid(),
            name,
            schema: table.schema,
            table: oid,
            kind: if primary {
                ConstraintKind::Primary
            } else {
                ConstraintKind::Unique
            },
            columns,
            index,
            deferrable: constraint.deferrable,
            initially_deferred: constraint.initially_deferred,
            validated: true,
            no_inherit: true,
            ..Constraint::default()
        };
        self.put(made);
        Ok(())
    }

    pub fn check_free(&self, table: &Table, name: &str) -> Result<()> {
        if self.catalog.constraint_by_name(table.oid, name).is_some() {
            return Err(err!(
                sqlstate::DUPLICATE_OBJECT,
                "constraint \"{name}\" for relation \"{}\" already exists",
                table.name
            ));
        }
        if self.catalog.relation_by_name(table.schema, name).is_some() {
            return Err(err!(
                sqlstate::DUPLICATE_TABLE,
                "relation \"{name}\" already exists"
            ));
        }
        Ok(())
    }

    fn key_columns(
        &self,
        table: &Table,
        names: &[String],
        primary: bool,
        location: ast::Location,
    ) -> Result<Vec<i16>> {
        let mut columns = Vec::with_capacity(names.len());
        if names.len() > limits::MAX_INDEX_COLUMNS {
            return Err(super::index::too_many_columns());
        }
        for name in names {
            let column = self.key_column(table, name, location)?;
            if columns.contains(&column.attnum) {
                let which = if primary { "primary key" } else { "unique" };
                let error = err!(
                    sqlstate::DUPLICATE_COLUMN,
                    "column \"{name}\" appears twice in {which} constraint"
                );
                return Err(self.error_at(location, error));
            }
            columns.push(column.attnum);
        }
        Ok(columns)
    }

    fn key_column<'t>(
        &self,
        table: &'t Table,
        name: &str,
        location: ast::Location,
    ) -> Result<&'t Column> {
        table.column(name).ok_or_else(|| {
            let error = err!(
                sqlstate::UNDEFINED_COLUMN,
                "column \"{name}\" named in key does not exist"
            );
            self.error_at(location, error)
        })
    }

    fn include_columns(
        &self,
        table: &Table,
        names: &[String],
        location: ast::Location,
    ) -> Result<Vec<i16>> {
        names
            .iter()
            .map(|n| Ok(self.key_column(table, n, location)?.attnum))
            .collect()
    }

    /// `ADD CONSTRAINT name UNIQUE USING INDEX index`.
    fn key_using_index(
        &mut self,
        oid: ObjectId,
        constraint: &ast::Constraint,
        name: &str,
        primary: bool,
    ) -> Result<()> {
        let mut table = self.table_copy(oid)?;
        let found = self.catalog.relation_by_name(table.schema, name);
        let Some(catalog::Relation::Index(index)) = found else {
            return Err(err!(
                sqlstate::UNDEFINED_OBJECT,
                "index \"{name}\" does not exist"
            ));
        };
        let refused = if index.table != oid {
            Some(format!(
                "index \"{name}\" does not belong to table \"{}\"",
                table.name
            ))
        } else if self.catalog.constraint_of_index(&index).is_some() {
            Some(format!(
                "index \"{name}\" is already associated with a constraint"
            ))
        } else if !index.unique {
            Some(format!("\"{name}\" is not a unique index"))
        } else if !index.is_plain() {
            Some(format!("index \"{name}\" contains expressions"))
        } else if index.predicate.is_some() {
            Some(format!("\"{name}\" is a partial index"))
        } else {
            None
        };
        if let Some(message) = refused {
            return Err(Error::new(
                sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                message,
            ));
        }
        let columns: Vec<i16> = index.keys.iter().map(|k| k.attnum).collect();
        if primary {
            for attnum in &columns {
                let column = &mut table.columns[*attnum as usize - 1];
                if !column.not_null {
                    column.not_null = true;
                    self.act(Action::CheckNotNull {
                        table: oid,
                        position: *attnum as u16 - 1,
                    });
                }
            }
            self.put(table.clone());
        }
        let own = constraint
            .name
            .clone()
            .unwrap_or_else(|| index.name.clone());
        let mut changed = (*index).clone();
        if own != index.name {
            let message = format!(
                "ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index \"{}\" to \"{own}\"",
                index.name
            );
            self.notice(crate::binder::Notice::skipping(message));
            changed.name.clone_from(&own);
        }
        changed.primary = primary;
        changed.deferrable = constraint.deferrable;
        self.put(changed);
        let made = Constraint {
            oid: self.oid(),
            name: own,
            schema: table.schema,
            table: oid,
            kind: if primary {
                ConstraintKind::Primary
            } else {
                ConstraintKind::Unique
            },
            columns,
            index: index.oid,
            deferrable: constraint.deferrable,
            initially_deferred: constraint.initially_deferred,
            validated: true,
            no_inherit: true,
            ..Constraint::default()
        };
        self.put(made);
        Ok(())
    }

    fn add_check(&mut self, oid: ObjectId, pending: &Pending<'_>, is_new: bool) -> Result<()> {
        let constraint = pending.constraint;
        let ast::ConstraintKind::Check(expr) = &constraint.kind else {
            return Err(Error::internal("a check was expected"));
        };
        let table = self.table_copy(oid)?;
        let definition = self.define(expr, Some(&table), DefinitionKind::Check)?;
        let name = match &constraint.name {
            Some(name) => {
                if self.catalog.constraint_by_name(oid, name).is_some() {
                    return Err(err!(
                        sqlstate::DUPLICATE_OBJECT,
                        "constraint \"{name}\" for relation \"{}\" already exists",
                        table.name
                    ));
                }
                name.clone()
            }
            None => {
                // Named after the column if it mentions exactly one.
                let one = match definition.columns.as_slice() {
                    [only] => table.attribute(*only).map(|c| c.name.clone()),
                    _ => None,
                };
                self.choose_constraint_name(&table.name, one.as_deref(), "check", table.schema)
            }
        };
        let made = self.oid();
        self.put(Constraint {
            oid: made,
            name,
            schema: table.schema,
            table: oid,
            kind: ConstraintKind::Check,
            columns: definition.columns,
            expression: Some(definition.text),
            references: definition.references,
            validated: is_new || !constraint.not_valid,
            no_inherit: constraint.no_inherit,
            ..Constraint::default()
        });
        if !is_new && !constraint.not_valid {
            self.act(Action::CheckConstraint {
                table: oid,
                constraint: made,
            });
        }
        Ok(())
    }
}

/// An index key that is a plain column, in its type's order.
pub(super) fn plain_key(table: &Table, attnum: i16) -> IndexKey {
    let column = &table.columns[attnum as usize - 1];
    IndexKey {
        attnum,
        collation: column.collation,
        ty: column.ty,
        name: column.name.clone(),
        ..IndexKey::default()
    }
}
