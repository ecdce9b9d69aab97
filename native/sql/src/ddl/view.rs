//! CREATE VIEW, materialized views and CREATE TABLE AS.

use super::builder::{Builder, DdlContext, relation_name};
use super::create_table::{first_layout, on_commit_of};
use super::plan::{Action, DdlPlan, FileKind};
use crate::binder::{Binder, ParamTypes, QueryDefinition, bind_statement};
use crate::ir::{Assignment, Expr, Insert, Plan, Query};
use catalog::{Column, Relation, Table, TableKind, TypeRef};
use common::{Error, ObjectId, Result, err, sqlstate};
use parser as ast;
use types::{SqlType, type_info};

pub fn create_view(cx: &DdlContext<'_>, statement: &ast::CreateView) -> Result<DdlPlan> {
    let mut builder = Builder::new(cx, "CREATE VIEW");
    if statement.check_option != ast::CheckOption::None {
        return Err(Error::not_implemented("WITH CHECK OPTION"));
    }
    let definition = builder.define_query(&statement.query)?;
    let columns = builder.query_columns(&definition, &statement.columns, "CREATE VIEW")?;
    let persistence = builder.view_persistence(
        &statement.name,
        statement.persistence,
        &definition.references,
    );
    let (schema, persistence) = builder.creation_place(&statement.name, persistence)?;
    let old = match builder
        .catalog
        .relation_by_name(schema, &statement.name.name)
    {
        None => None,
        Some(Relation::Table(old)) if statement.or_replace && old.is_view() => Some(old),
        Some(other) if statement.or_replace => {
            return Err(err!(
                sqlstate::WRONG_OBJECT_TYPE,
                "\"{}\" is not a view",
                other.name()
            ));
        }
        Some(other) => {
            return Err(err!(
                sqlstate::DUPLICATE_TABLE,
                "relation \"{}\" already exists",
                other.name()
            ));
        }
    };
    let mut view = match &old {
        Some(old) => {
            check_replacement(old, &columns)?;
            (**old).clone()
        }
        None => Table {
            oid: builder.oid(),
            name: statement.name.name.clone(),
            schema,
            owner: cx.bind.user,
            persistence,
            kind: TableKind::View,
            row_type: builder.oid(),
            row_array_type: builder.oid(),
            ..Table::default()
        },
    };
    view.columns = columns;
    view.options = super::options::storage_options(&statement.options)?;
    view.query = Some(parser::deparse_query(&definition.rewritten));
    view.query_references = definition.references;
    builder.put(view);
    Ok(builder.plan)
}

/// OR REPLACE may only add columns.
fn check_replacement(old: &Table, columns: &[Column]) -> Result<()> {
    if columns.len() < old.columns.len() {
        let message = "cannot drop columns from view";
        return Err(Error::new(sqlstate::INVALID_TABLE_DEFINITION, message));
    }
    for (old, new) in old.columns.iter().zip(columns) {
        if old.name != new.name {
            return Err(err!(
                sqlstate::INVALID_TABLE_DEFINITION,
                "cannot change name of view column \"{}\" to \"{}\"",
                old.name,
                new.name
            )
            .with_hint(
                "Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.",
            ));
        }
        if old.ty != new.ty {
            let name = |ty: TypeRef| types::format_type(types::TypeOid(ty.oid.0), ty.typmod);
            return Err(err!(
                sqlstate::INVALID_TABLE_DEFINITION,
                "cannot change data type of view column \"{}\" from {} to {}",
                old.name,
                name(old.ty),
                name(new.ty)
            ));
        }
    }
    Ok(())
}

pub fn create_table_as(cx: &DdlContext<'_>, statement: &ast::CreateTableAs) -> Result<DdlPlan> {
    let tag = match (statement.materialized_view, statement.select_into) {
        (true, _) => "CREATE MATERIALIZED VIEW",
        (_, true) => "SELECT INTO",
        _ => "CREATE TABLE AS",
    };
    let mut builder = Builder::new(cx, tag);
    let ast::Statement::Query(query) = &*statement.query else {
        return Err(Error::not_implemented("CREATE TABLE AS EXECUTE"));
    };
    let (schema, persistence) = builder.creation_place(&statement.name, statement.persistence)?;
    let exists = builder.refuse_existing(schema, &statement.name, statement.if_not_exists)?;
    if exists.is_some() {
        return Ok(builder.plan);
    }
    let definition = builder.define_query(query)?;
    let mut columns = builder.query_columns(&definition, &statement.columns, "CREATE TABLE AS")?;
    for column in &mut columns {
        if type_info(types::TypeOid(column.ty.oid.0)).is_some_and(|info| info.is_pseudo()) {
            return Err(err!(
                sqlstate::INVALID_TABLE_DEFINITION,
                "column \"{}\" has pseudo-type {}",
                column.name,
                types::format_type(types::TypeOid(column.ty.oid.0), -1)
            ));
        }
        column.statistics_target = -1;
    }
    let oid = builder.oid();
    let mut table = Table {
        oid,
        name: statement.name.name.clone(),
        schema,
        owner: cx.bind.user,
        persistence,
        on_commit: on_commit_of(statement.on_commit, persistence)?,
        kind: TableKind::Table,
        columns,
        row_type: builder.oid(),
        row_array_type: builder.oid(),
        options: super::options::storage_options(&statement.options)?,
        ..Table::default()
    };
    if statement.materialized_view {
        if builder.is_using_temporary(&definition.references) {
            return Err(Error::new(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "materialized views must not use temporary tables or views",
            ));
        }
        table.kind = TableKind::MaterializedView;
        table.query = Some(parser::deparse_query(&definition.rewritten));
        table.query_references.clone_from(&definition.references);
        table.unpopulated = statement.no_data;
    }
    table.file = builder.file(oid, FileKind::Table);
    table.layouts = vec![first_layout(&table)];
    builder.put(table);
    if !statement.no_data {
        let insert = builder.fill(oid, definition.bound.query)?;
        builder.act(Action::Insert(Box::new(insert)));
    }
    Ok(builder.plan)
}

pub fn refresh(cx: &DdlContext<'_>, statement: &ast::RefreshMaterializedView) -> Result<DdlPlan> {
    let mut builder = Builder::new(cx, "REFRESH MATERIALIZED VIEW");
    let found = builder.find(&statement.name)?;
    let Some(found) = found else {
        return Err(builder.missing(&statement.name));
    };
    let view = match found {
        Relation::Table(view) if view.kind == TableKind::MaterializedView => view,
        other => {
            return Err(err!(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "\"{}\" is not a materialized view",
                other.name()
            ));
        }
    };
    let mut new = (*view).clone();
    builder.new_file(&mut new)?;
    new.unpopulated = statement.no_data;
    let oid = new.oid;
    builder.put(new);
    if !statement.no_data {
        let text = view.query.as_deref().unwrap_or_default();
        let mut parsed = parser::parse(text)?;
        let statement = parsed
            .pop()
            .ok_or_else(|| Error::corrupted("a view without a query"))?;
        let bound =
            builder.bind_with(|cx| bind_statement(cx, &statement.stmt, ParamTypes::Fixed(&[])))?;
        let insert = builder.fill(oid, bound.query)?;
        builder.act(Action::Insert(Box::new(insert)));
        builder.rebuild_indexes(oid);
    }
    Ok(builder.plan)
}

impl Builder<'_> {
    fn define_query(&mut self, query: &ast::Query) -> Result<QueryDefinition> {
        let mut definition = self.bind_with(|cx| Binder::new(cx).bind_query_definition(query))?;
        self.plan.notices.append(&mut definition.notices);
        Ok(definition)
    }

    /// Columns of a relation that a query gives, renamed by the list.
    fn query_columns(
        &self,
        definition: &QueryDefinition,
        names: &[String],
        statement: &str,
    ) -> Result<Vec<Column>> {
        if names.len() > definition.columns.len() {
            let message = match statement {
                "CREATE VIEW" => "CREATE VIEW specifies more column names than columns",
                _ => "too many column names were specified",
            };
            return Err(Error::new(sqlstate::SYNTAX_ERROR, message));
        }
        let mut columns: Vec<Column> = Vec::with_capacity(definition.columns.len());
        for (at, (name, ty, collation)) in definition.columns.iter().enumerate() {
            let name = names.get(at).unwrap_or(name);
            if columns.iter().any(|c| c.name == *name) {
                return Err(err!(
                    sqlstate::DUPLICATE_COLUMN,
                    "column \"{name}\" specified more than once"
                ));
            }
            columns.push(Column {
                attnum: at as i16 + 1,
                name: name.clone(),
                ty: TypeRef::new(ty.oid.0, ty.typmod),
                collation: *collation,
                ..Column::default()
            });
        }
        Ok(columns)
    }

    /// The INSERT of all that a query gives into a table just made.
    fn fill(&self, table: ObjectId, mut source: Query) -> Result<Query> {
        let rules = self.rules(table)?;
        let values = source
            .output
            .iter()
            .enumerate()
            .map(|(at, c)| Assignment {
                position: at as u16,
                value: Expr::column(c.id, c.ty),
            })
            .collect();
        let row = rules
            .types
            .iter()
            .map(|ty: &SqlType| source.columns.add(rules.table.name.clone(), "", *ty))
            .collect();
        let insert = Insert {
            rules,
            source: source.root,
            values,
            on_conflict: None,
            row,
            returning: Vec::new(),
        };
        source.root = Plan::Insert(Box::new(insert));
        source.output = Vec::new();
        Ok(source)
    }

    /// The relation that a dotted name means, of any kind.
    pub fn find_qualified(&self, name: &ast::QualifiedName) -> Result<Option<Relation>> {
        self.find(&relation_name(name))
    }
}
