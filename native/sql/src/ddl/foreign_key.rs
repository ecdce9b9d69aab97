//! Foreign keys (`ATAddForeignKeyConstraint`, `transformFkeyCheckAttrs`).

use super::builder::{Builder, display};
use super::create_table::Pending;
use super::plan::{Action, DdlLock};
use catalog::{Constraint, ConstraintKind, ForeignAction, ForeignMatch, Persistence, Relation};
use catalog::{Table, TableKind};
use common::{Error, ObjectId, Result, err, sqlstate};
use parser as ast;
use types::TypeOid;

fn action(action: ast::ReferentialAction) -> ForeignAction {
    match action {
        ast::ReferentialAction::NoAction => ForeignAction::NoAction,
        ast::ReferentialAction::Restrict => ForeignAction::Restrict,
        ast::ReferentialAction::Cascade => ForeignAction::Cascade,
        ast::ReferentialAction::SetNull => ForeignAction::SetNull,
        ast::ReferentialAction::SetDefault => ForeignAction::SetDefault,
    }
}

impl Builder<'_> {
    pub fn add_foreign_key(
        &mut self,
        oid: ObjectId,
        pending: &Pending<'_>,
        is_new: bool,
    ) -> Result<()> {
        let constraint = pending.constraint;
        let ast::ConstraintKind::ForeignKey(key) = &constraint.kind else {
            return Err(Error::internal("a foreign key was expected"));
        };
        let table = self.table_copy(oid)?;
        let parent = self.referenced_table(key)?;
        self.check_persistence(&table, &parent)?;
        let written = match &pending.column {
            Some(column) => vec![column.clone()],
            None => key.columns.clone(),
        };
        let columns = self.foreign_columns(&table, &written)?;
        let (foreign_columns, index) = self.referenced_key(&parent, key, &columns)?;
        let match_type = match key.match_type {
            ast::MatchType::Simple => ForeignMatch::Simple,
            ast::MatchType::Full => ForeignMatch::Full,
            ast::MatchType::Partial => {
                return Err(Error::new(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    "MATCH PARTIAL not yet implemented",
                ));
            }
        };
        let on_delete_columns = self.foreign_columns(&table, &key.on_delete_columns)?;
        for attnum in &on_delete_columns {
            if !columns.contains(attnum) {
                let name = table.attribute(*attnum).map_or("", |c| c.name.as_str());
                return Err(err!(
                    sqlstate::INVALID_COLUMN_REFERENCE,
                    "column \"{name}\" referenced in ON DELETE SET action must be part of foreign \
                     key"
                ));
            }
        }
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
                let names: Vec<&str> = written.iter().map(String::as_str).collect();
                let joined = super::names::join_columns(&names);
                self.choose_constraint_name(&table.name, Some(&joined), "fkey", table.schema)
            }
        };
        let named = ForeignKeyNames {
            name: &name,
            child: &table,
            parent: &parent,
        };
        self.check_types(&named, &columns, &foreign_columns)?;
        let made = self.oid();
        self.put(Constraint {
            oid: made,
            name: name.clone(),
            schema: table.schema,
            table: oid,
            kind: ConstraintKind::Foreign,
            columns,
            index,
            foreign_table: parent.oid,
            foreign_columns,
            on_update: action(key.on_update),
            on_delete: action(key.on_delete),
            on_delete_columns,
            match_type,
            deferrable: constraint.deferrable,
            initially_deferred: constraint.initially_deferred,
            validated: is_new || !constraint.not_valid,
            no_inherit: true,
            ..Constraint::default()
        });
        self.lock(parent.oid, DdlLock::ShareRowExclusive);
        if !is_new && !constraint.not_valid {
            self.act(Action::CheckForeignKey { constraint: made });
        }
        Ok(())
    }

    fn referenced_table(&self, key: &ast::ForeignKey) -> Result<Table> {
        let found = match self.find(&key.ref_table)? {
            Some(Relation::Table(table)) => table,
            Some(other) => {
                return Err(err!(
                    sqlstate::WRONG_OBJECT_TYPE,
                    "referenced relation \"{}\" is not a table",
                    other.name()
                ));
            }
            None => {
                return Err(err!(
                    sqlstate::UNDEFINED_TABLE,
                    "relation \"{}\" does not exist",
                    display(&key.ref_table)
                ));
            }
        };
        match found.kind {
            TableKind::Table => Ok((*found).clone()),
            TableKind::Virtual => Err(err!(
                sqlstate::INSUFFICIENT_PRIVILEGE,
                "permission denied: \"{}\" is a system catalog",
                found.name
            )),
            _ => Err(err!(
                sqlstate::WRONG_OBJECT_TYPE,
                "referenced relation \"{}\" is not a table",
                found.name
            )),
        }
    }

    fn check_persistence(&self, table: &Table, parent: &Table) -> Result<()> {
        let message = match (table.persistence, parent.persistence) {
            (Persistence::Permanent, Persistence::Unlogged | Persistence::Temporary) => {
                "constraints on permanent tables may reference only permanent tables"
            }
            (Persistence::Unlogged, Persistence::Temporary) => {
                "constraints on unlogged tables may reference only permanent or unlogged tables"
            }
            (Persistence::Temporary, p) if p != Persistence::Temporary => {
                "constraints on temporary tables may reference only temporary tables"
            }
            // Only the session's own can be reached by a name that says nothing of a schema.
            (Persistence::Temporary, _) if table.schema != parent.schema => {
                "constraints on temporary tables must involve temporary tables of this session"
            }
            _ => return Ok(()),
        };
        Err(Error::new(sqlstate::INVALID_TABLE_DEFINITION, message))
    }

    fn foreign_columns(&self, table: &Table, names: &[String]) -> Result<Vec<i16>> {
        let find = |name: &String| {
            table.column(name).map(|c| c.attnum).ok_or_else(|| {
                err!(
                    sqlstate::UNDEFINED_COLUMN,
                    "column \"{name}\" referenced in foreign key constraint does not exist"
                )
            })
        };
        names.iter().map(find).collect()
    }

    /// The columns referred to and the unique index that makes them a key.
    fn referenced_key(
        &self,
        parent: &Table,
        key: &ast::ForeignKey,
        columns: &[i16],
    ) -> Result<(Vec<i16>, ObjectId)> {
        if key.ref_columns.is_empty() {
            let Some(primary) = self.catalog.primary_key(parent.oid) else {
                return Err(err!(
                    sqlstate::UNDEFINED_OBJECT,
                    "there is no primary key for referenced table \"{}\"",
                    parent.name
                ));
            };
            self.check_count(columns, &primary.columns)?;
            return Ok((primary.columns.clone(), primary.index));
        }
        let wanted = self.foreign_columns(parent, &key.ref_columns)?;
        self.check_count(columns, &wanted)?;
        for (at, attnum) in wanted.iter().enumerate() {
            if wanted[..at].contains(attnum) {
                return Err(Error::new(
                    sqlstate::INVALID_FOREIGN_KEY,
                    "foreign key referenced-columns list must not contain duplicates",
                ));
            }
        }
        let list: Vec<_> = wanted.iter().filter_map(|a| parent.attribute(*a)).collect();
        let mut fits = self
            .catalog
            .indexes_of(parent.oid)
            .filter(|i| i.is_unique_on(&list));
        let deferrable = || {
            err!(
                sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                "cannot use a deferrable unique constraint for referenced table \"{}\"",
                parent.name
            )
        };
        match fits.find(|i| !i.deferrable) {
            Some(index) => Ok((wanted, index.oid)),
            None if self
                .catalog
                .indexes_of(parent.oid)
                .any(|i| i.is_unique_on(&list)) =>
            {
                Err(deferrable())
            }
            None => Err(err!(
                sqlstate::INVALID_FOREIGN_KEY,
                "there is no unique constraint matching given keys for referenced table \"{}\"",
                parent.name
            )),
        }
    }

    fn check_count(&self, columns: &[i16], foreign: &[i16]) -> Result<()> {
        if columns.len() == foreign.len() {
            return Ok(());
        }
        Err(Error::new(
            sqlstate::INVALID_FOREIGN_KEY,
            "number of referencing and referenced columns for foreign key disagree",
        ))
    }

    /// There must be an equality between the columns' types.
    fn check_types(
        &self,
        names: &ForeignKeyNames<'_>,
        columns: &[i16],
        foreign: &[i16],
    ) -> Result<()> {
        for (own, other) in columns.iter().zip(foreign) {
            let own = &names.child.columns[*own as usize - 1];
            let other = &names.parent.columns[*other as usize - 1];
            let (a, b) = (TypeOid(own.ty.oid.0), TypeOid(other.ty.oid.0));
            let comparable = self.bind_with(|cx| crate::binder::Binder::new(cx).can_compare(b, a));
            if comparable {
                continue;
            }
            return Err(err!(
                sqlstate::DATATYPE_MISMATCH,
                "foreign key constraint \"{}\" cannot be implemented",
                names.name
            )
            .with_detail(format!(
                "Key columns \"{}\" and \"{}\" are of incompatible types: {} and {}.",
                own.name,
                other.name,
                types::format_type(a, -1),
                types::format_type(b, -1)
            )));
        }
        Ok(())
    }
}

/// Who is who in messages about a foreign key.
struct ForeignKeyNames<'a> {
    name: &'a str,
    child: &'a Table,
    parent: &'a Table,
}
