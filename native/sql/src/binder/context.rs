//! What binding needs from outside: the catalog version, the session's names, the text.

use crate::ir::TableRules;
use catalog::{Catalog, Describer};
use common::{ObjectId, Result};
use std::sync::Arc;
use types::TextContext;

/// The surroundings of one statement.
#[derive(Clone, Copy)]
pub struct BindContext<'a> {
    pub catalog: &'a Catalog,
    /// The text that the syntax tree's locations count in.
    pub sql: &'a str,
    /// The schemas of `search_path` that exist, in order, as the user wrote them; the temporary
    /// schema and `pg_catalog` are searched before them unless they are listed.
    pub search_path: &'a [ObjectId],
    /// The session's temporary schema, once it has one.
    pub temp_schema: Option<ObjectId>,
    /// `pg_temp` comes first in `search_path`: what is made without a schema is temporary.
    pub makes_temporary: bool,
    /// The current role.
    pub user: ObjectId,
    /// How literals of dates and times are read.
    pub text: &'a TextContext,
    /// The rules of a table of `catalog`, made by [`super::bind_table_rules`] and kept by the
    /// engine.
    pub rules: &'a dyn Fn(ObjectId) -> Result<Arc<TableRules>>,
}

impl<'a> BindContext<'a> {
    pub fn database_name(&self) -> &'a str {
        self.catalog
            .databases()
            .next()
            .map_or("", |d| d.name.as_str())
    }

    /// The schemas in which a bare name is looked for, in order.
    pub fn path(&self) -> Vec<ObjectId> {
        let mut path = Vec::with_capacity(self.search_path.len() + 2);
        if let Some(temp) = self.temp_schema.filter(|t| !self.search_path.contains(t)) {
            path.push(temp);
        }
        if !self.search_path.contains(&catalog::oid::PG_CATALOG) {
            path.push(catalog::oid::PG_CATALOG);
        }
        path.extend_from_slice(self.search_path);
        path
    }

    /// The schema that a qualified name begins with.
    pub fn schema_named(&self, catalog: &Catalog, name: &str) -> Option<ObjectId> {
        match name {
            catalog::OWN_TEMP_SCHEMA => self.temp_schema,
            other => catalog.schema_by_name(other).map(|schema| schema.oid),
        }
    }

    /// Where CREATE without a schema puts what is not temporary.
    pub fn creation_schema(&self) -> Option<ObjectId> {
        self.search_path.first().copied()
    }

    /// Names objects as this session would have to write them; `path` is [`BindContext::path`].
    pub fn describer(&self, path: &'a [ObjectId]) -> Describer<'a> {
        Describer {
            catalog: self.catalog,
            path,
        }
    }
}

/// A message for the client that is not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub severity: Severity,
    pub state: common::SqlState,
    pub message: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    Notice,
    Warning,
}

impl Notice {
    /// One of severity NOTICE.
    pub fn new(state: common::SqlState, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Notice,
            state,
            message: message.into(),
            detail: None,
            hint: None,
        }
    }

    /// `... does not exist, skipping` and its like.
    pub fn skipping(message: impl Into<String>) -> Self {
        Self::new(common::sqlstate::SUCCESSFUL_COMPLETION, message)
    }
}
