//! DDL: from the syntax tree to changes of the catalog and work on files.
//!
//! [`analyse_ddl`] is the door. Nothing here writes: the engine applies the [`DdlPlan`] within its
//! transaction. Each statement is analysed against a private copy of the catalog that its own steps
//! change, so that `CREATE TABLE t (..., REFERENCES t)` finds `t`.

mod alter_column;
mod alter_table;
mod alter_type;
mod bind_text;
mod builder;
mod columns;
mod constraints;
mod create_table;
mod drop;
mod foreign_key;
mod index;
mod names;
mod options;
mod plan;
mod rename;
mod schema;
mod sequence;
mod temporary;
mod truncate;
mod view;
mod view_text;

pub use builder::DdlContext;
pub use plan::{Action, DdlLock, DdlPlan, FileKind};
pub use temporary::{drop_temporary, on_commit};

use common::{Error, Result};
use parser as ast;

/// True for the statements that [`analyse_ddl`] takes.
pub fn is_ddl(statement: &ast::Statement) -> bool {
    use ast::Statement as S;
    matches!(
        statement,
        S::CreateTable(_)
            | S::CreateTableAs(_)
            | S::AlterTable(_)
            | S::CreateIndex(_)
            | S::CreateSchema(_)
            | S::CreateSequence(_)
            | S::AlterSequence(_)
            | S::CreateView(_)
            | S::RefreshMaterializedView(_)
            | S::CreateEnum(_)
            | S::AlterEnum(_)
            | S::CreateDomain(_)
            | S::Drop(_)
            | S::Rename(_)
            | S::AlterSchemaOf(_)
            | S::AlterOwner(_)
            | S::Comment(_)
            | S::Truncate(_)
    )
}

/// Analyses a DDL statement against the catalog of `cx`.
pub fn analyse_ddl(cx: &DdlContext<'_>, statement: &ast::Statement) -> Result<DdlPlan> {
    use ast::Statement as S;
    match statement {
        S::CreateTable(s) => create_table::create_table(cx, s),
        S::CreateTableAs(s) => view::create_table_as(cx, s),
        S::AlterTable(s) => alter_table::alter_table(cx, s),
        S::CreateIndex(s) => index::create_index(cx, s),
        S::CreateSchema(s) => schema::create_schema(cx, s),
        S::CreateSequence(s) => sequence::create_sequence(cx, s),
        S::AlterSequence(s) => sequence::alter_sequence(cx, s),
        S::CreateView(s) => view::create_view(cx, s),
        S::RefreshMaterializedView(s) => view::refresh(cx, s),
        S::CreateEnum(_) => Err(Error::not_implemented("CREATE TYPE ... AS ENUM")),
        S::AlterEnum(_) => Err(Error::not_implemented("ALTER TYPE")),
        S::CreateDomain(_) => Err(Error::not_implemented("CREATE DOMAIN")),
        S::Drop(s) => drop::drop(cx, s),
        S::Rename(s) => rename::rename(cx, s),
        S::AlterSchemaOf(s) => rename::set_schema(cx, s),
        S::AlterOwner(s) => schema::alter_owner(cx, s),
        S::Comment(s) => schema::comment(cx, s),
        S::Truncate(s) => truncate::truncate(cx, s),
        _ => Err(Error::internal("a statement that is not DDL")),
    }
}
