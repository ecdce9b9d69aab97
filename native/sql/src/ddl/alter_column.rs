//! ADD and DROP COLUMN, and the attributes of columns that ALTER TABLE changes.

use super::alter_type::Rewrite;
use super::bind_text::volatility;
use super::builder::Builder;
use super::create_table::Pending;
use super::plan::Action;
use crate::binder::Notice;
use catalog::{DropTarget, Identity, LayoutColumn, Object, ObjectKind, Part, Table};
use common::{Error, ObjectId, Result, err, limits, sqlstate};
use functions::Volatility;
use parser as ast;
use types::{Datum, SqlType, TypeOid};

impl Builder<'_> {
    pub fn add_column(
        &mut self,
        oid: ObjectId,
        def: &ast::ColumnDef,
        if_not_exists: bool,
        rewrite: &mut Option<Rewrite>,
    ) -> Result<()> {
        let mut table = self.table_copy(oid)?;
        if !table.has_storage() {
            return Err(err!(
                sqlstate::WRONG_OBJECT_TYPE,
                "ALTER action ADD COLUMN cannot be performed on relation \"{}\"",
                table.name
            ));
        }
        if table.column(&def.name).is_some() {
            let message = format!(
                "column \"{}\" of relation \"{}\" already exists",
                def.name, table.name
            );
            if if_not_exists {
                self.notice(Notice::new(
                    sqlstate::DUPLICATE_COLUMN,
                    format!("{message}, skipping"),
                ));
                return Ok(());
            }
            return Err(Error::new(sqlstate::DUPLICATE_COLUMN, message));
        }
        if table.columns.len() >= limits::MAX_COLUMNS {
            return Err(err!(
                sqlstate::TOO_MANY_COLUMNS,
                "tables can have at most {} columns",
                limits::MAX_COLUMNS
            ));
        }
        let old = table.clone();
        self.add_column_def(&mut table, def)?;
        self.put(table);
        self.column_attribute(oid, def)?;
        self.give_old_rows(&old, oid, rewrite)?;
        let constraints = def.constraints.iter();
        let pending: Vec<Pending<'_>> = constraints
            .map(|constraint| Pending {
                constraint,
                column: Some(def.name.clone()),
            })
            .collect();
        self.add_constraints(oid, &pending, false)
    }

    /// What rows that exist have in the table's new last column: a value kept with the layout, or a
    /// rewrite where each row has its own.
    fn give_old_rows(
        &mut self,
        old: &Table,
        oid: ObjectId,
        rewrite: &mut Option<Rewrite>,
    ) -> Result<()> {
        let rules = self.rules(oid)?;
        let mut table = self.table_copy(oid)?;
        let at = table.columns.len() - 1;
        let column = table.columns[at].clone();
        let generated = rules
            .generated
            .iter()
            .find(|(p, _)| usize::from(*p) == at)
            .map(|(_, e)| e.clone());
        let value = generated.or_else(|| rules.defaults[at].clone());
        let constant = value
            .as_ref()
            .is_none_or(|v| !column.generated && volatility(v) != Volatility::Volatile);
        if rewrite.is_some() || !constant {
            let rewrite = rewrite.get_or_insert_with(|| Rewrite::of(old));
            if let Some(value) = value {
                rewrite.values.push((at as u16, value));
            }
            return Ok(());
        }
        let ty = SqlType::with_typmod(TypeOid(column.ty.oid.0), column.ty.typmod);
        let datum = match &value {
            None => Datum::Null,
            Some(crate::ir::Expr::Const { value, .. }) => value.clone(),
            Some(expr) => (self.cx.evaluate)(expr)?,
        };
        let missing = match datum {
            Datum::Null => None,
            datum => {
                let mut text = Vec::new();
                types::format_text(ty, datum.as_ref(), self.cx.bind.text, &mut text)?;
                Some(String::from_utf8(text).map_err(|_| Error::internal("a text form in bytes"))?)
            }
        };
        if column.not_null && missing.is_none() {
            self.act(Action::CheckNotNull {
                table: oid,
                position: at as u16,
            });
        }
        let mut layout = table.layouts.last().cloned().unwrap_or_default();
        layout.id += 1;
        layout.columns.push(LayoutColumn {
            attnum: column.attnum,
            ty: column.ty,
            missing,
        });
        table.layouts.push(layout);
        self.put(table);
        Ok(())
    }

    pub fn drop_column(
        &mut self,
        oid: ObjectId,
        name: &str,
        if_exists: bool,
        cascade: bool,
    ) -> Result<()> {
        let table = self.table_copy(oid)?;
        let Some(column) = table.column(name) else {
            if crate::binder::is_system_column(name) {
                return Err(err!(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    "cannot drop system column \"{name}\""
                ));
            }
            let message = format!(
                "column \"{name}\" of relation \"{}\" does not exist",
                table.name
            );
            if if_exists {
                self.notice(Notice::skipping(format!("{message}, skipping")));
                return Ok(());
            }
            return Err(Error::new(sqlstate::UNDEFINED_COLUMN, message));
        };
        // Its place in the rows stays: what is stored is numbered by attribute.
        let attnum = column.attnum;
        self.drop_part(&table, Part::Column(attnum), cascade)?;
        Ok(())
    }

    pub fn alter_default(
        &mut self,
        oid: ObjectId,
        name: &str,
        expr: Option<&ast::Expr>,
    ) -> Result<()> {
        let at = self.column_at(oid, name)?;
        let mut table = self.table_copy(oid)?;
        let column = &mut table.columns[at];
        if column.identity != Identity::None {
            let error = err!(
                sqlstate::SYNTAX_ERROR,
                "column \"{name}\" of relation \"{}\" is an identity column",
                table.name
            );
            return Err(match expr {
                Some(_) => error,
                None => {
                    error.with_hint("Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead.")
                }
            });
        }
        if column.generated {
            let error = err!(
                sqlstate::SYNTAX_ERROR,
                "column \"{name}\" of relation \"{}\" is a generated column",
                table.name
            );
            return Err(match expr {
                Some(_) => error,
                None => {
                    error.with_hint("Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead.")
                }
            });
        }
        match expr {
            Some(expr) => self.set_default(&mut table, at, expr)?,
            None => {
                column.default = None;
                column.default_oid = ObjectId(0);
                column.default_references.clear();
            }
        }
        self.put(table);
        Ok(())
    }

    pub fn set_not_null(&mut self, oid: ObjectId, name: &str, not_null: bool) -> Result<()> {
        let at = self.column_at(oid, name)?;
        let mut table = self.table_copy(oid)?;
        let attnum = table.columns[at].attnum;
        if !not_null {
            let primary = self.catalog.primary_key(oid);
            if primary.is_some_and(|p| p.columns.contains(&attnum)) {
                return Err(err!(
                    sqlstate::INVALID_TABLE_DEFINITION,
                    "column \"{name}\" is in a primary key"
                ));
            }
            if table.columns[at].identity != Identity::None {
                return Err(err!(
                    sqlstate::SYNTAX_ERROR,
                    "column \"{name}\" of relation \"{}\" is an identity column",
                    table.name
                ));
            }
        }
        if not_null && !table.columns[at].not_null {
            self.act(Action::CheckNotNull {
                table: oid,
                position: at as u16,
            });
        }
        table.columns[at].not_null = not_null;
        self.put(table);
        Ok(())
    }

    pub fn drop_expression(&mut self, oid: ObjectId, name: &str, if_exists: bool) -> Result<()> {
        let at = self.column_at(oid, name)?;
        let mut table = self.table_copy(oid)?;
        let column = &mut table.columns[at];
        if !column.generated {
            let message = format!(
                "column \"{name}\" of relation \"{}\" is not a stored generated column",
                table.name
            );
            if if_exists {
                self.notice(Notice::skipping(format!("{message}, skipping")));
                return Ok(());
            }
            return Err(Error::new(
                sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                message,
            ));
        }
        column.generated = false;
        column.default = None;
        column.default_oid = ObjectId(0);
        column.default_references.clear();
        self.put(table);
        Ok(())
    }

    pub fn alter_add_identity(
        &mut self,
        oid: ObjectId,
        name: &str,
        always: bool,
        options: &[ast::SequenceOption],
    ) -> Result<()> {
        let at = self.column_at(oid, name)?;
        let mut table = self.table_copy(oid)?;
        let column = &table.columns[at];
        let refused = if !column.not_null {
            Some("must be declared NOT NULL before identity can be added")
        } else if column.identity != Identity::None {
            Some("is already an identity column")
        } else if column.default.is_some() {
            Some("already has a default value")
        } else {
            None
        };
        if let Some(what) = refused {
            return Err(err!(
                sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                "column \"{name}\" of relation \"{}\" {what}",
                table.name
            ));
        }
        self.add_identity(&mut table, at, always, options)?;
        self.put(table);
        Ok(())
    }

    /// The sequence of an identity column.
    fn identity_sequence(&self, oid: ObjectId, attnum: i16) -> Option<catalog::Sequence> {
        let mut sequences = self.catalog.sequences_of(oid);
        let own = sequences.find(|s| s.internal && s.owned_by == Some((oid, attnum)));
        own.map(|s| (**s).clone())
    }

    fn require_identity(&self, oid: ObjectId, name: &str) -> Result<(Table, usize)> {
        let at = self.column_at(oid, name)?;
        let table = self.table_copy(oid)?;
        if table.columns[at].identity == Identity::None {
            return Err(err!(
                sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                "column \"{name}\" of relation \"{}\" is not an identity column",
                table.name
            ));
        }
        Ok((table, at))
    }

    pub fn set_identity(
        &mut self,
        oid: ObjectId,
        name: &str,
        always: Option<bool>,
        options: &[ast::SequenceOption],
    ) -> Result<()> {
        let (mut table, at) = self.require_identity(oid, name)?;
        if let Some(always) = always {
            table.columns[at].identity = if always {
                Identity::Always
            } else {
                Identity::ByDefault
            };
        }
        let attnum = table.columns[at].attnum;
        self.put(table);
        if !options.is_empty()
            && let Some(mut sequence) = self.identity_sequence(oid, attnum)
        {
            self.sequence_options(&mut sequence, options, false)?;
            self.restart(&sequence, options)?;
            self.put(sequence);
        }
        Ok(())
    }

    pub fn drop_identity(&mut self, oid: ObjectId, name: &str, if_exists: bool) -> Result<()> {
        let (mut table, at) = match self.require_identity(oid, name) {
            Ok(found) => found,
            Err(error)
                if if_exists && error.state() == sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE =>
            {
                let message = format!("{}, skipping", error.into_sql().message);
                self.notice(Notice::skipping(message));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let column = &mut table.columns[at];
        column.identity = Identity::None;
        column.default = None;
        let attnum = column.attnum;
        self.put(table);
        if let Some(mut sequence) = self.identity_sequence(oid, attnum) {
            // It goes alone now.
            sequence.internal = false;
            sequence.owned_by = None;
            self.put(sequence.clone());
            let target = DropTarget::whole(&Object::from(sequence));
            debug_assert_eq!(target.kind, ObjectKind::Sequence);
            self.drop_all(&[target], false)?;
        }
        Ok(())
    }
}
