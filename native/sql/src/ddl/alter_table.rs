//! ALTER TABLE: the commands in PostgreSQL's passes, each on what the one before left
//! (`ATController`).

use super::builder::{Builder, DdlContext};
use super::create_table::Pending;
use super::plan::{Action, DdlLock, DdlPlan};
use super::rename::alter_tag;
use crate::binder::Notice;
use catalog::{ConstraintKind, DropTarget, ObjectKind, Part, Persistence, Relation, Table};
use common::{Error, ObjectId, Result, err, sqlstate};
use parser as ast;

pub fn alter_table(cx: &DdlContext<'_>, statement: &ast::AlterTable) -> Result<DdlPlan> {
    let mut builder = Builder::new(cx, alter_tag(statement.kind));
    let Some(found) = builder.alter_target(&statement.name, statement.if_exists)? else {
        return Ok(builder.plan);
    };
    match found {
        Relation::Table(table) => {
            builder.check_kind(&table, statement.kind)?;
            builder.refuse_foreign_temporary(&table, "alter")?;
            let mut rewrite = None;
            for pass in 0..PASSES {
                for command in statement.commands.iter().filter(|c| pass_of(c) == pass) {
                    builder.alter(table.oid, command, &mut rewrite)?;
                }
            }
            if let Some(rewrite) = rewrite {
                builder.finish_rewrite(table.oid, rewrite)?;
            }
        }
        Relation::Index(index) => builder.alter_index(&index, &statement.commands)?,
        Relation::Sequence(sequence) => {
            builder.alter_sequence_table(&sequence, &statement.commands)?;
        }
    }
    Ok(builder.plan)
}

const PASSES: u8 = 5;

/// Drops, types, columns and attributes, keys and checks, foreign keys.
fn pass_of(command: &ast::AlterTableCommand) -> u8 {
    use ast::AlterTableCommand as C;
    match command {
        C::DropColumn { .. } | C::DropConstraint { .. } => 0,
        C::AlterType { .. } => 1,
        C::AddConstraint(constraint) => match constraint.kind {
            ast::ConstraintKind::ForeignKey(_) => 4,
            _ => 3,
        },
        _ => 2,
    }
}

impl Builder<'_> {
    fn check_kind(&self, table: &Table, kind: ast::ObjectKind) -> Result<()> {
        let wrong = match kind {
            ast::ObjectKind::View => !table.is_view(),
            ast::ObjectKind::Index => true,
            ast::ObjectKind::Sequence => true,
            _ => false,
        };
        if !wrong {
            return Ok(());
        }
        let word = match kind {
            ast::ObjectKind::View => "a view",
            ast::ObjectKind::Index => "an index",
            _ => "a sequence",
        };
        Err(err!(
            sqlstate::WRONG_OBJECT_TYPE,
            "\"{}\" is not {word}",
            table.name
        ))
    }

    fn alter(
        &mut self,
        oid: ObjectId,
        command: &ast::AlterTableCommand,
        rewrite: &mut Option<super::alter_type::Rewrite>,
    ) -> Result<()> {
        use ast::AlterTableCommand as C;
        match command {
            C::AddColumn {
                column,
                if_not_exists,
            } => self.add_column(oid, column, *if_not_exists, rewrite),
            C::DropColumn {
                name,
                if_exists,
                cascade,
            } => self.drop_column(oid, name, *if_exists, *cascade),
            C::SetDefault { column, expr } => self.alter_default(oid, column, Some(expr)),
            C::DropDefault { column } => self.alter_default(oid, column, None),
            C::SetNotNull { column } => self.set_not_null(oid, column, true),
            C::DropNotNull { column } => self.set_not_null(oid, column, false),
            C::AlterType {
                column,
                type_name,
                collation,
                using,
                ..
            } => {
                let change = super::alter_type::TypeChange {
                    column,
                    type_name,
                    collation: collation.as_ref(),
                    using: using.as_ref(),
                };
                self.alter_type(oid, &change, rewrite)
            }
            C::DropExpression { column, if_exists } => {
                self.drop_expression(oid, column, *if_exists)
            }
            C::AddIdentity {
                column,
                always,
                options,
            } => self.alter_add_identity(oid, column, *always, options),
            C::SetIdentity {
                column,
                always,
                options,
            } => self.set_identity(oid, column, *always, options),
            C::DropIdentity { column, if_exists } => self.drop_identity(oid, column, *if_exists),
            C::SetStatistics { column, target, .. } => {
                self.edit_column(oid, column.as_deref(), |c| c.statistics_target = *target)
            }
            C::SetStorage { column, storage } => {
                let letter = storage.bytes().next().unwrap_or(b'x').to_ascii_lowercase();
                let letter = if storage.eq_ignore_ascii_case("extended") {
                    b'x'
                } else {
                    letter
                };
                self.edit_column(oid, Some(column), |c| c.storage = letter)
            }
            C::SetCompression { column, .. }
            | C::SetColumnOptions { column, .. }
            | C::ResetColumnOptions { column, .. } => self.edit_column(oid, Some(column), |_| {}),
            C::AddConstraint(constraint) => {
                let pending = [Pending {
                    constraint,
                    column: None,
                }];
                self.add_constraints(oid, &pending, false)
            }
            C::AlterConstraint {
                name,
                deferrable,
                initially_deferred,
            } => self.alter_constraint(oid, name, *deferrable, *initially_deferred),
            C::ValidateConstraint { name } => self.validate_constraint(oid, name),
            C::DropConstraint {
                name,
                if_exists,
                cascade,
            } => self.drop_constraint(oid, name, *if_exists, *cascade),
            C::OwnerTo(role) => {
                let owner = self.role_of(role)?;
                self.edit_table(oid, |t| t.owner = owner)
            }
            C::SetLogged => self.set_persistence(oid, Persistence::Permanent),
            C::SetUnlogged => self.set_persistence(oid, Persistence::Unlogged),
            C::SetOptions(options) => {
                let new = super::options::storage_options(options)?;
                self.edit_table(oid, |t| {
                    t.options.retain(|(k, _)| !new.iter().any(|(n, _)| n == k));
                    t.options.extend(new);
                })
            }
            C::ResetOptions(options) => self.edit_table(oid, |t| {
                t.options
                    .retain(|(k, _)| !options.iter().any(|o| o.name == *k));
            }),
            C::RowSecurity { enable } => self.edit_table(oid, |t| t.row_security = *enable),
            C::ForceRowSecurity { force } => {
                self.edit_table(oid, |t| t.force_row_security = *force)
            }
            C::ReplicaIdentity(identity) => self.replica_identity(oid, identity),
            C::ClusterOn { index } => self.cluster_on(oid, Some(index)),
            C::SetWithoutCluster => self.cluster_on(oid, None),
            C::SetWithoutOids => Ok(()),
            C::SetTablespace(name) => self.check_tablespace(Some(name)),
            C::SetAccessMethod(name) => match name.as_deref() {
                None | Some("heap") => Ok(()),
                Some(other) => Err(err!(
                    sqlstate::UNDEFINED_OBJECT,
                    "access method \"{other}\" does not exist"
                )),
            },
            C::Unsupported { what } => Err(Error::not_implemented(what)),
        }
    }

    pub fn edit_table(&mut self, oid: ObjectId, edit: impl FnOnce(&mut Table)) -> Result<()> {
        let mut table = self.table_copy(oid)?;
        edit(&mut table);
        self.put(table);
        Ok(())
    }

    /// The position of a column; 42703 where there is none.
    pub fn column_at(&self, oid: ObjectId, name: &str) -> Result<usize> {
        let table = self.table_copy(oid)?;
        let found = table.column(name).map(|c| c.attnum as usize - 1);
        found.ok_or_else(|| {
            err!(
                sqlstate::UNDEFINED_COLUMN,
                "column \"{name}\" of relation \"{}\" does not exist",
                table.name
            )
        })
    }

    pub fn edit_column(
        &mut self,
        oid: ObjectId,
        name: Option<&str>,
        edit: impl FnOnce(&mut catalog::Column),
    ) -> Result<()> {
        let name = name.ok_or_else(|| Error::not_implemented("a column by its number"))?;
        let at = self.column_at(oid, name)?;
        self.edit_table(oid, |table| edit(&mut table.columns[at]))
    }

    fn alter_constraint(
        &mut self,
        oid: ObjectId,
        name: &str,
        deferrable: bool,
        initially_deferred: bool,
    ) -> Result<()> {
        let constraint = self.constraint(oid, name)?;
        if constraint.kind != ConstraintKind::Foreign {
            let table = self.table_copy(oid)?;
            return Err(err!(
                sqlstate::WRONG_OBJECT_TYPE,
                "constraint \"{name}\" of relation \"{}\" is not a foreign key constraint",
                table.name
            ));
        }
        let mut changed = constraint;
        changed.deferrable = deferrable;
        changed.initially_deferred = initially_deferred;
        self.put(changed);
        Ok(())
    }

    fn constraint(&self, oid: ObjectId, name: &str) -> Result<catalog::Constraint> {
        let found = self.catalog.constraint_by_name(oid, name);
        found.map(|c| (**c).clone()).ok_or_else(|| {
            let table = self.catalog.table(oid).map_or("", |t| t.name.as_str());
            err!(
                sqlstate::UNDEFINED_OBJECT,
                "constraint \"{name}\" of relation \"{table}\" does not exist"
            )
        })
    }

    fn validate_constraint(&mut self, oid: ObjectId, name: &str) -> Result<()> {
        let mut constraint = self.constraint(oid, name)?;
        if !matches!(
            constraint.kind,
            ConstraintKind::Check | ConstraintKind::Foreign
        ) {
            let table = self.table_copy(oid)?;
            return Err(err!(
                sqlstate::WRONG_OBJECT_TYPE,
                "constraint \"{name}\" of relation \"{}\" is not a foreign key or check constraint",
                table.name
            ));
        }
        if constraint.validated {
            return Ok(());
        }
        constraint.validated = true;
        let own = constraint.oid;
        let action = match constraint.kind {
            ConstraintKind::Foreign => Action::CheckForeignKey { constraint: own },
            _ => Action::CheckConstraint {
                table: oid,
                constraint: own,
            },
        };
        self.put(constraint);
        self.act(action);
        Ok(())
    }

    fn drop_constraint(
        &mut self,
        oid: ObjectId,
        name: &str,
        if_exists: bool,
        cascade: bool,
    ) -> Result<()> {
        let constraint = match self.constraint(oid, name) {
            Ok(constraint) => constraint,
            Err(error) if if_exists => {
                let message = format!("{}, skipping", error.into_sql().message);
                self.notice(Notice::skipping(message));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        if constraint.foreign_table.0 != 0 {
            self.lock(constraint.foreign_table, DdlLock::AccessExclusive);
        }
        let kind = ObjectKind::Constraint;
        let target = DropTarget {
            kind,
            oid: constraint.oid,
            part: Part::Whole,
        };
        self.drop_all(&[target], cascade)
    }

    fn replica_identity(&mut self, oid: ObjectId, identity: &ast::ReplicaIdentity) -> Result<()> {
        let letter = match identity {
            ast::ReplicaIdentity::Default => b'd',
            ast::ReplicaIdentity::Full => b'f',
            ast::ReplicaIdentity::Nothing => b'n',
            ast::ReplicaIdentity::Index(_) => b'i',
        };
        let chosen = match identity {
            ast::ReplicaIdentity::Index(name) => Some(self.index_of(oid, name)?),
            _ => None,
        };
        let indexes: Vec<_> = self.catalog.indexes_of(oid).cloned().collect();
        for index in indexes {
            let is_chosen = chosen == Some(index.oid);
            if index.replica_identity != is_chosen {
                let mut changed = (*index).clone();
                changed.replica_identity = is_chosen;
                self.put(changed);
            }
        }
        self.edit_table(oid, |t| t.replica_identity = letter)
    }

    fn index_of(&self, table: ObjectId, name: &str) -> Result<ObjectId> {
        let mut indexes = self.catalog.indexes_of(table);
        let found = indexes.find(|i| i.name == name).map(|i| i.oid);
        found.ok_or_else(|| {
            let table = self.catalog.table(table).map_or("", |t| t.name.as_str());
            err!(
                sqlstate::UNDEFINED_OBJECT,
                "index \"{name}\" for table \"{table}\" does not exist"
            )
        })
    }

    fn cluster_on(&mut self, oid: ObjectId, name: Option<&str>) -> Result<()> {
        let chosen = name.map(|n| self.index_of(oid, n)).transpose()?;
        let indexes: Vec<_> = self.catalog.indexes_of(oid).cloned().collect();
        for index in indexes {
            let is_chosen = chosen == Some(index.oid);
            if index.clustered != is_chosen {
                let mut changed = (*index).clone();
                changed.clustered = is_chosen;
                self.put(changed);
            }
        }
        Ok(())
    }

    fn alter_index(
        &mut self,
        index: &catalog::Index,
        commands: &[ast::AlterTableCommand],
    ) -> Result<()> {
        let mut changed = index.clone();
        for command in commands {
            match command {
                ast::AlterTableCommand::SetOptions(options) => {
                    let new = super::options::storage_options(options)?;
                    changed
                        .options
                        .retain(|(k, _)| !new.iter().any(|(n, _)| n == k));
                    changed.options.extend(new);
                }
                ast::AlterTableCommand::ResetOptions(options) => {
                    changed
                        .options
                        .retain(|(k, _)| !options.iter().any(|o| o.name == *k));
                }
                ast::AlterTableCommand::SetTablespace(name) => {
                    self.check_tablespace(Some(name))?;
                }
                ast::AlterTableCommand::SetStatistics { .. } => {}
                _ => {
                    return Err(err!(
                        sqlstate::WRONG_OBJECT_TYPE,
                        "ALTER action cannot be performed on relation \"{}\"",
                        index.name
                    )
                    .with_detail("This operation is not supported for indexes."));
                }
            }
        }
        self.put(changed);
        Ok(())
    }

    fn set_persistence(&mut self, oid: ObjectId, persistence: Persistence) -> Result<()> {
        if let Some(table) = self.catalog.table(oid)
            && table.persistence == Persistence::Temporary
        {
            return Err(err!(
                sqlstate::INVALID_TABLE_DEFINITION,
                "cannot change logged status of table \"{}\" because it is temporary",
                table.name
            ));
        }
        self.edit_table(oid, |table| table.persistence = persistence)
    }

    fn alter_sequence_table(
        &mut self,
        sequence: &catalog::Sequence,
        commands: &[ast::AlterTableCommand],
    ) -> Result<()> {
        let mut changed = sequence.clone();
        for command in commands {
            match command {
                ast::AlterTableCommand::OwnerTo(role) => changed.owner = self.role_of(role)?,
                ast::AlterTableCommand::SetLogged => {
                    changed.persistence = Persistence::Permanent;
                }
                ast::AlterTableCommand::SetUnlogged => {
                    changed.persistence = Persistence::Unlogged;
                }
                _ => {
                    return Err(err!(
                        sqlstate::WRONG_OBJECT_TYPE,
                        "ALTER action cannot be performed on relation \"{}\"",
                        sequence.name
                    )
                    .with_detail("This operation is not supported for sequences."));
                }
            }
        }
        self.put(changed);
        Ok(())
    }

    /// The role that a specification means.
    pub fn role_of(&self, role: &ast::RoleSpec) -> Result<ObjectId> {
        match role {
            ast::RoleSpec::Name(name) => {
                let found = self.catalog.role_by_name(name).map(|r| r.oid);
                found.ok_or_else(|| {
                    err!(sqlstate::UNDEFINED_OBJECT, "role \"{name}\" does not exist")
                })
            }
            ast::RoleSpec::Public => Err(err!(
                sqlstate::UNDEFINED_OBJECT,
                "role \"public\" does not exist"
            )),
            _ => Ok(self.cx.bind.user),
        }
    }
}
