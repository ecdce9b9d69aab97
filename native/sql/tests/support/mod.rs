//! A catalog without storage, changed by our own DDL: enough to bind statements against.

use catalog::{Catalog, bootstrap};
use common::{Error, FileId, ObjectId, Result};
use sql::binder::{BindContext, Bound, ParamTypes, bind_statement};
use sql::ddl::{DdlContext, DdlPlan, analyse_ddl};
use std::cell::Cell;
use std::sync::Arc;
use types::{SqlType, TextContext};

pub struct Database {
    pub catalog: Catalog,
    text: TextContext,
    next: Cell<u32>,
}

const PATH: [ObjectId; 1] = [catalog::oid::PUBLIC];

impl Database {
    pub fn new() -> Self {
        let mut catalog = Catalog::default();
        catalog.apply(&bootstrap("rustydb", "rustydb"));
        Self {
            catalog,
            text: TextContext::default(),
            next: Cell::new(16384),
        }
    }

    fn context<'a>(
        &'a self,
        sql: &'a str,
        rules: &'a dyn Fn(ObjectId) -> Result<Arc<sql::ir::TableRules>>,
    ) -> BindContext<'a> {
        BindContext {
            catalog: &self.catalog,
            sql,
            search_path: &PATH,
            temp_schema: None,
            makes_temporary: false,
            user: catalog::oid::SUPERUSER,
            text: &self.text,
            rules,
        }
    }

    fn rules(&self, oid: ObjectId) -> Result<Arc<sql::ir::TableRules>> {
        let unused = |_| Err(Error::internal("not used"));
        let table = self.catalog.table(oid).expect("a bound table exists");
        sql::binder::bind_table_rules(&self.context("", &unused), table).map(Arc::new)
    }

    pub fn bind(&self, sql: &str) -> Result<Bound> {
        let mut statements = parser::parse(sql)?;
        let statement = statements.pop().expect("one statement");
        let rules = |oid| self.rules(oid);
        bind_statement(
            &self.context(sql, &rules),
            &statement.stmt,
            ParamTypes::Open(&[]),
        )
    }

    pub fn plan(&self, sql: &str) -> Result<DdlPlan> {
        let mut statements = parser::parse(sql)?;
        let statement = statements.pop().expect("one statement");
        let rules = |oid| self.rules(oid);
        let next = || {
            self.next.set(self.next.get() + 1);
            self.next.get() - 1
        };
        let cx = DdlContext {
            bind: self.context(sql, &rules),
            next_oid: &|| ObjectId(next()),
            next_file: &|| FileId(next()),
            temp_schema_name: &|| Ok(catalog::temp_schema_name(1)),
            evaluate: &|_| Err(Error::internal("nothing evaluates here")),
        };
        analyse_ddl(&cx, &statement.stmt)
    }

    /// Analyses and applies.
    pub fn apply(&mut self, sql: &str) -> Result<DdlPlan> {
        let plan = self.plan(sql)?;
        self.catalog.apply(&plan.changes);
        Ok(plan)
    }

    pub fn run(&mut self, sql: &str) {
        if let Err(error) = self.apply(sql) {
            panic!("{sql}: {error}");
        }
    }

    /// A type as PostgreSQL names it; row types by their table.
    pub fn type_name(&self, ty: SqlType) -> String {
        match self.catalog.table_of_row_type(ObjectId(ty.oid.0)) {
            Some(table) => table.name.clone(),
            None => types::format_type(ty.oid, ty.typmod),
        }
    }
}
