//! Column definitions: type, collation, and what is written at the column: default, identity,
//! generation, NOT NULL (`transformColumnDefinition`).

use super::bind_text::require_immutable;
use super::builder::Builder;
use super::plan::FileKind;
use crate::binder::{Binder, DefinitionKind};
use catalog::{Column, Identity, Sequence, Table, TypeRef};
use common::{Error, ObjectId, Result, err, sqlstate};
use parser as ast;
use types::{SqlType, TypeOid, type_info};

const SYSTEM_COLUMNS: &[&str] = &["tableoid", "ctid", "xmin", "cmin", "xmax", "cmax"];

/// `serial` and its kin: the integer type beneath.
fn serial_type(name: &ast::TypeName) -> Option<TypeOid> {
    if name.names.len() != 1 || !name.array_bounds.is_empty() {
        return None;
    }
    Some(match name.name() {
        "smallserial" | "serial2" => TypeOid::INT2,
        "serial" | "serial4" => TypeOid::INT4,
        "bigserial" | "serial8" => TypeOid::INT8,
        _ => return None,
    })
}

impl Builder<'_> {
    pub fn check_column_name(&self, table: &Table, name: &str) -> Result<()> {
        if SYSTEM_COLUMNS.contains(&name) {
            return Err(err!(
                sqlstate::DUPLICATE_COLUMN,
                "column name \"{name}\" conflicts with a system column name"
            ));
        }
        if table.column(name).is_some() {
            return Err(err!(
                sqlstate::DUPLICATE_COLUMN,
                "column \"{name}\" specified more than once"
            ));
        }
        Ok(())
    }

    /// A type by name, for a column: pseudo-types are 42P16.
    pub fn column_type(&mut self, name: &ast::TypeName, column: &str) -> Result<SqlType> {
        let (ty, notices) = self.bind_with(|cx| {
            let mut binder = Binder::new(cx);
            let ty = binder.resolve_type(name)?;
            Ok::<_, Error>((ty, binder.take_notices()))
        })?;
        self.plan.notices.extend(notices);
        if type_info(ty.oid).is_some_and(|info| info.is_pseudo()) {
            return Err(err!(
                sqlstate::INVALID_TABLE_DEFINITION,
                "column \"{column}\" has pseudo-type {}",
                types::format_type(ty.oid, -1)
            ));
        }
        Ok(ty)
    }

    /// Appends the column that a definition describes; its constraints come later.
    pub fn add_column_def(&mut self, table: &mut Table, def: &ast::ColumnDef) -> Result<()> {
        self.check_column_name(table, &def.name)?;
        let serial = serial_type(&def.type_name);
        let ty = match serial {
            Some(oid) => SqlType::new(oid),
            None => self.column_type(&def.type_name, &def.name)?,
        };
        let collation =
            self.bind_with(|cx| Binder::new(cx).column_collation(ty.oid, def.collation.as_ref()))?;
        table.columns.push(Column {
            attnum: table.columns.len() as i16 + 1,
            name: def.name.clone(),
            ty: TypeRef::new(ty.oid.0, ty.typmod),
            collation,
            not_null: serial.is_some(),
            statistics_target: -1,
            ..Column::default()
        });
        Ok(())
    }

    /// Defaults, identity, generation and NOT NULL of all columns of a new table.
    pub fn column_attributes(&mut self, oid: ObjectId, statement: &ast::CreateTable) -> Result<()> {
        for element in &statement.elements {
            if let ast::TableElement::Column(def) = element {
                self.column_attribute(oid, def)?;
            }
        }
        Ok(())
    }

    pub fn table_copy(&self, oid: ObjectId) -> Result<Table> {
        let table = self.catalog.table(oid);
        table
            .map(|t| (**t).clone())
            .ok_or_else(|| Error::internal(format!("no table {oid}")))
    }

    /// Applies what is written at one column to the table's column of that name.
    pub fn column_attribute(&mut self, oid: ObjectId, def: &ast::ColumnDef) -> Result<()> {
        let mut table = self.table_copy(oid)?;
        let at = table.column(&def.name).map(|c| c.attnum as usize - 1);
        let at = at.ok_or_else(|| Error::internal("a column that was just made is missing"))?;
        let serial = serial_type(&def.type_name).is_some();
        let mut said_null: Option<bool> = serial.then_some(false);
        let (mut has_default, mut has_identity, mut has_generated) = (serial, false, false);
        if serial {
            self.add_serial(&mut table, at)?;
        }
        for constraint in &def.constraints {
            let location = constraint.location;
            let twice = |what: &str, builder: &Self| {
                let error = err!(
                    sqlstate::SYNTAX_ERROR,
                    "{what} specified for column \"{}\" of table \"{}\"",
                    def.name,
                    builder.catalog.table(oid).map_or("", |t| t.name.as_str())
                );
                builder.error_at(location, error)
            };
            match &constraint.kind {
                ast::ConstraintKind::Null => {
                    if said_null == Some(false) {
                        return Err(twice("conflicting NULL/NOT NULL declarations", self)
                            .map_specified(&def.name, &table.name));
                    }
                    said_null = Some(true);
                }
                ast::ConstraintKind::NotNull { .. } => {
                    if said_null == Some(true) {
                        return Err(twice("conflicting NULL/NOT NULL declarations", self)
                            .map_specified(&def.name, &table.name));
                    }
                    said_null = Some(false);
                    table.columns[at].not_null = true;
                }
                ast::ConstraintKind::Default(expr) => {
                    if has_default {
                        return Err(twice("multiple default values", self));
                    }
                    has_default = true;
                    self.set_default(&mut table, at, expr)?;
                }
                ast::ConstraintKind::Identity { always, options } => {
                    if has_identity {
                        return Err(twice("multiple identity specifications", self));
                    }
                    if said_null == Some(true) {
                        return Err(twice("conflicting NULL/NOT NULL declarations", self)
                            .map_specified(&def.name, &table.name));
                    }
                    has_identity = true;
                    self.add_identity(&mut table, at, *always, options)?;
                }
                ast::ConstraintKind::Generated { expr, stored } => {
                    if has_generated {
                        return Err(twice("multiple generation clauses", self));
                    }
                    if !stored {
                        return Err(Error::not_implemented("a virtual generated column"));
                    }
                    has_generated = true;
                    self.set_generated(&mut table, at, expr)?;
                }
                _ => {}
            }
            let both = match (has_default, has_identity, has_generated) {
                (true, true, _) => Some("both default and identity"),
                (true, _, true) => Some("both default and generation expression"),
                (_, true, true) => Some("both identity and generation expression"),
                _ => None,
            };
            if let Some(both) = both {
                return Err(twice(both, self));
            }
        }
        self.put(table);
        Ok(())
    }

    pub fn set_default(&mut self, table: &mut Table, at: usize, expr: &ast::Expr) -> Result<()> {
        let definition = self.define_default(expr, &table.columns[at])?;
        let oid = self.oid();
        let column = &mut table.columns[at];
        let is_null = matches!(
            definition.expr,
            crate::ir::Expr::Const {
                value: types::Datum::Null,
                ..
            }
        );
        if is_null {
            column.default = None;
            column.default_oid = ObjectId(0);
            column.default_references.clear();
            return Ok(());
        }
        column.default = Some(definition.text);
        column.default_oid = oid;
        column.default_references = definition.references;
        Ok(())
    }

    pub fn set_generated(&mut self, table: &mut Table, at: usize, expr: &ast::Expr) -> Result<()> {
        let column = &table.columns[at];
        let target = SqlType::with_typmod(TypeOid(column.ty.oid.0), column.ty.typmod);
        let kind = DefinitionKind::Generated {
            column: column.name.clone(),
            target,
        };
        let definition = self.define(expr, Some(table), kind)?;
        for attnum in &definition.columns {
            let other = &table.columns[*attnum as usize - 1];
            if other.generated || *attnum == column.attnum {
                let error = err!(
                    sqlstate::INVALID_OBJECT_DEFINITION,
                    "cannot use generated column \"{}\" in column generation expression",
                    other.name
                );
                let detail = "A generated column cannot reference another generated column.";
                return Err(error.with_detail(detail));
            }
        }
        require_immutable(&definition, "generation expression")?;
        let (own, oid) = (table.oid, self.oid());
        let column = &mut table.columns[at];
        column.generated = true;
        column.default = Some(definition.text);
        column.default_oid = oid;
        column.default_references = definition
            .references
            .into_iter()
            .chain(definition.columns.iter().map(|sub| catalog::Reference {
                object: own,
                sub: *sub,
            }))
            .collect();
        column.default_references.dedup();
        Ok(())
    }

    /// The sequence and the default of a serial column.
    fn add_serial(&mut self, table: &mut Table, at: usize) -> Result<()> {
        let ty = table.columns[at].ty;
        let sequence = self.owned_sequence(table, at, ty, &[], false)?;
        let text = format!("nextval('{}'::pg_catalog.regclass)", sequence.oid);
        let oid = self.oid();
        let column = &mut table.columns[at];
        column.not_null = true;
        column.default = Some(text);
        column.default_oid = oid;
        column.default_references = vec![catalog::Reference {
            object: sequence.oid,
            sub: 0,
        }];
        self.put(sequence);
        Ok(())
    }

    pub fn add_identity(
        &mut self,
        table: &mut Table,
        at: usize,
        always: bool,
        options: &[ast::SequenceOption],
    ) -> Result<()> {
        let ty = table.columns[at].ty;
        if !matches!(
            TypeOid(ty.oid.0),
            TypeOid::INT2 | TypeOid::INT4 | TypeOid::INT8
        ) {
            let message = "identity column type must be smallint, integer, or bigint";
            return Err(Error::new(sqlstate::INVALID_PARAMETER_VALUE, message));
        }
        let sequence = self.owned_sequence(table, at, ty, options, true)?;
        let text = format!("nextval('{}'::pg_catalog.regclass)", sequence.oid);
        let column = &mut table.columns[at];
        column.identity = if always {
            Identity::Always
        } else {
            Identity::ByDefault
        };
        column.not_null = true;
        // Shown nowhere (`default_oid` is 0): pg_attrdef has no row for an identity column.
        column.default = Some(text);
        column.default_oid = ObjectId(0);
        self.put(sequence);
        Ok(())
    }

    /// A sequence that belongs to a column.
    fn owned_sequence(
        &mut self,
        table: &Table,
        at: usize,
        ty: TypeRef,
        options: &[ast::SequenceOption],
        internal: bool,
    ) -> Result<Sequence> {
        let column = &table.columns[at];
        let chosen = options.iter().find_map(|o| match &o.kind {
            ast::SequenceOptionKind::SequenceName(name) => Some(name.name().to_owned()),
            _ => None,
        });
        let name = chosen.unwrap_or_else(|| {
            self.choose_relation_name(&table.name, Some(&column.name), "seq", table.schema, false)
        });
        let oid = self.oid();
        let mut sequence = Sequence {
            oid,
            name,
            schema: table.schema,
            owner: table.owner,
            persistence: table.persistence,
            ty,
            owned_by: Some((table.oid, column.attnum)),
            internal,
            ..Sequence::default()
        };
        self.sequence_options(&mut sequence, options, true)?;
        sequence.file = self.file(oid, FileKind::Sequence);
        let start = sequence.start;
        self.act(super::plan::Action::SetSequence {
            sequence: oid,
            value: start,
        });
        Ok(sequence)
    }
}

trait Declarations {
    fn map_specified(self, column: &str, table: &str) -> Self;
}

impl Declarations for Error {
    /// NULL conflicts are worded without "specified".
    fn map_specified(self, column: &str, table: &str) -> Self {
        let mut sql = self.into_sql();
        sql.message = format!(
            "conflicting NULL/NOT NULL declarations for column \"{column}\" of table \"{table}\""
        );
        Self::Sql(sql)
    }
}
