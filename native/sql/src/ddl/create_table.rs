//! CREATE TABLE: columns, then constraints, each step on the catalog that the one before left
//! (`transformCreateStmt`, `DefineRelation`).

use super::builder::{Builder, DdlContext, display};
use super::plan::{DdlPlan, FileKind};
use crate::binder::Notice;
use catalog::{Layout, LayoutColumn, OnCommit, Persistence, Table, TableKind};
use common::{Error, ObjectId, Result, err, limits, sqlstate};
use parser as ast;

pub fn create_table(cx: &DdlContext<'_>, statement: &ast::CreateTable) -> Result<DdlPlan> {
    let mut builder = Builder::new(cx, "CREATE TABLE");
    builder.create_table(statement)?;
    Ok(builder.plan)
}

/// A constraint of the statement with the column it was written at, if any.
pub(super) struct Pending<'s> {
    pub constraint: &'s ast::Constraint,
    pub column: Option<String>,
}

impl Builder<'_> {
    pub fn create_table(&mut self, statement: &ast::CreateTable) -> Result<Option<ObjectId>> {
        let (schema, persistence) = self.creation_place(&statement.name, statement.persistence)?;
        let name = &statement.name.name;
        if let Some(done) =
            self.refuse_existing(schema, &statement.name, statement.if_not_exists)?
        {
            return Ok(done);
        }
        if statement
            .access_method
            .as_deref()
            .is_some_and(|am| am != "heap")
        {
            let am = statement.access_method.as_deref().unwrap_or_default();
            return Err(err!(
                sqlstate::UNDEFINED_OBJECT,
                "access method \"{am}\" does not exist"
            ));
        }
        self.check_tablespace(statement.tablespace.as_deref())?;
        let on_commit = on_commit_of(statement.on_commit, persistence)?;
        let oid = self.oid();
        let (row_type, row_array_type) = (self.oid(), self.oid());
        let mut table = Table {
            oid,
            name: name.clone(),
            schema,
            owner: self.cx.bind.user,
            persistence,
            kind: TableKind::Table,
            row_type,
            row_array_type,
            on_commit,
            options: super::options::storage_options(&statement.options)?,
            ..Table::default()
        };
        let mut pending: Vec<Pending<'_>> = Vec::new();
        let mut likes = Vec::new();
        for element in &statement.elements {
            match element {
                ast::TableElement::Column(def) => {
                    self.add_column_def(&mut table, def)?;
                    let own = def.constraints.iter();
                    pending.extend(own.map(|constraint| Pending {
                        constraint,
                        column: Some(def.name.clone()),
                    }));
                }
                ast::TableElement::Constraint(constraint) => {
                    pending.push(Pending {
                        constraint,
                        column: None,
                    });
                }
                ast::TableElement::Like(like) => likes.push((self.like(&mut table, like)?, like)),
            }
        }
        if table.columns.len() > limits::MAX_COLUMNS {
            return Err(err!(
                sqlstate::TOO_MANY_COLUMNS,
                "tables can have at most {} columns",
                limits::MAX_COLUMNS
            ));
        }
        table.file = self.file(oid, FileKind::Table);
        table.layouts = vec![first_layout(&table)];
        self.put(table);
        self.column_attributes(oid, statement)?;
        self.add_constraints(oid, &pending, true)?;
        for (source, like) in likes {
            self.like_parts(oid, source, like)?;
        }
        Ok(Some(oid))
    }

    /// 42P07, or the notice of IF NOT EXISTS (then `Some(None)`).
    pub fn refuse_existing(
        &mut self,
        schema: ObjectId,
        name: &ast::RelationName,
        if_not_exists: bool,
    ) -> Result<Option<Option<ObjectId>>> {
        if self.catalog.relation_by_name(schema, &name.name).is_some() {
            if if_not_exists {
                let message = format!("relation \"{}\" already exists, skipping", name.name);
                self.notice(Notice::new(sqlstate::DUPLICATE_TABLE, message));
                return Ok(Some(None));
            }
            return Err(err!(
                sqlstate::DUPLICATE_TABLE,
                "relation \"{}\" already exists",
                name.name
            ));
        }
        if self.catalog.type_by_name(schema, &name.name).is_some() {
            return Err(err!(
                sqlstate::DUPLICATE_OBJECT,
                "type \"{}\" already exists",
                name.name
            )
            .with_hint(
                "A relation has an associated type of the same name, so you must use a name that \
                 doesn't conflict with any existing type.",
            ));
        }
        Ok(None)
    }

    pub fn check_tablespace(&self, name: Option<&str>) -> Result<()> {
        match name {
            None | Some("pg_default") => Ok(()),
            Some(other) => Err(err!(
                sqlstate::UNDEFINED_OBJECT,
                "tablespace \"{other}\" does not exist"
            )),
        }
    }

    /// The columns of LIKE; gives the source table.
    fn like(&mut self, table: &mut Table, like: &ast::LikeClause) -> Result<ObjectId> {
        let found = self.find(&like.table)?;
        let Some(catalog::Relation::Table(source)) = found else {
            let error = err!(
                sqlstate::UNDEFINED_TABLE,
                "relation \"{}\" does not exist",
                display(&like.table)
            );
            return Err(self.error_at(like.table.location, error));
        };
        // Where the source's columns go, by their old numbers.
        let first = table.columns.len() as i16 + 1;
        let places: Vec<(i16, i16)> = source
            .live_columns()
            .zip(first..)
            .map(|(c, new)| (c.attnum, new))
            .collect();
        for column in source.live_columns() {
            self.check_column_name(table, &column.name)?;
            let mut copy = column.clone();
            copy.attnum = table.columns.len() as i16 + 1;
            copy.identity = catalog::Identity::None;
            let keeps = match column.generated {
                true => like.including.generated,
                false => like.including.defaults,
            };
            if !keeps {
                copy.default = None;
                copy.default_oid = ObjectId(0);
                copy.default_references.clear();
                copy.generated = false;
            } else if copy.default.is_some() {
                copy.default_oid = self.oid();
                let own = |r: &&mut catalog::Reference| r.object == source.oid;
                for reference in copy.default_references.iter_mut().filter(own) {
                    let place = places.iter().find(|(old, _)| *old == reference.sub);
                    reference.object = table.oid;
                    reference.sub = place.map_or(0, |(_, new)| *new);
                }
            }
            table.columns.push(copy);
        }
        Ok(source.oid)
    }

    /// Constraints, indexes, identity and comments that LIKE takes along.
    fn like_parts(
        &mut self,
        table: ObjectId,
        source: ObjectId,
        like: &ast::LikeClause,
    ) -> Result<()> {
        let names = |builder: &Self, columns: &[i16]| {
            let of = builder.catalog.table(source).cloned();
            let own = builder.catalog.table(table).cloned();
            let find = |attnum: &i16| {
                let name = of.as_ref()?.attribute(*attnum)?.name.clone();
                own.as_ref()?.column(&name).map(|c| c.attnum)
            };
            columns.iter().filter_map(find).collect::<Vec<i16>>()
        };
        if like.including.constraints {
            let checks: Vec<_> = self
                .catalog
                .constraints_of(source)
                .filter(|c| c.kind == catalog::ConstraintKind::Check)
                .cloned()
                .collect();
            for check in checks {
                let mut copy = (*check).clone();
                copy.oid = self.oid();
                copy.columns = names(self, &check.columns);
                copy.table = table;
                copy.schema = self.catalog.table(table).map_or(copy.schema, |t| t.schema);
                for reference in &mut copy.references {
                    if reference.object == source {
                        reference.object = table;
                        reference.sub = names(self, &[reference.sub]).first().copied().unwrap_or(0);
                    }
                }
                self.put(copy);
            }
        }
        if like.including.indexes {
            self.copy_indexes(table, source, &names)?;
        }
        if like.including.identity {
            return self.copy_identity(table, source);
        }
        Ok(())
    }
}

/// What ON COMMIT asks for; 42P16 where the table is not temporary.
pub(super) fn on_commit_of(written: ast::OnCommit, persistence: Persistence) -> Result<OnCommit> {
    if written != ast::OnCommit::Default && persistence != Persistence::Temporary {
        let message = "ON COMMIT can only be used on temporary tables";
        return Err(Error::new(sqlstate::INVALID_TABLE_DEFINITION, message));
    }
    Ok(match written {
        ast::OnCommit::Default | ast::OnCommit::PreserveRows => OnCommit::PreserveRows,
        ast::OnCommit::DeleteRows => OnCommit::DeleteRows,
        ast::OnCommit::Drop => OnCommit::Drop,
    })
}

/// The layout of a table that never had another.
pub(super) fn first_layout(table: &Table) -> Layout {
    let column = |c: &catalog::Column| LayoutColumn {
        attnum: c.attnum,
        ty: c.ty,
        missing: None,
    };
    Layout {
        id: 0,
        columns: table.columns.iter().map(column).collect(),
    }
}
