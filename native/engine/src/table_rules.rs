//! Rules of tables, bound once a catalog version.

use std::sync::Arc;

use catalog::Catalog;
use common::rt::RwLock;
use common::{Error, ObjectId, Result};
use hashbrown::HashMap;
use sql::binder::{BindContext, bind_table_rules};
use sql::ir::TableRules;
use types::TextContext;

/// Rules by table, each with the version of its table that it was bound for. Holds at most one entry
/// a table; a table whose version is another is bound anew.
#[derive(Default)]
pub struct RulesCache(RwLock<HashMap<ObjectId, (u64, Arc<TableRules>)>>);

impl RulesCache {
    pub fn rules(&self, catalog: &Catalog, table: ObjectId) -> Result<Arc<TableRules>> {
        let version = catalog.relation_version(table);
        if let Some((kept, rules)) = self.0.read().get(&table)
            && *kept == version
        {
            return Ok(rules.clone());
        }
        let info = catalog
            .table(table)
            .ok_or_else(|| Error::internal(format!("relation {table} is not in the catalog")))?;
        let text = TextContext::default();
        let context = BindContext {
            catalog,
            sql: "",
            search_path: &[],
            temp_schema: None,
            user: catalog::oid::SUPERUSER,
            text: &text,
            rules: &no_rules,
        };
        let rules = Arc::new(bind_table_rules(&context, info)?);
        self.0.write().insert(table, (version, rules.clone()));
        Ok(rules)
    }

    /// Forgets tables that the catalog has no longer.
    pub fn retain_known(&self, catalog: &Catalog) {
        self.0
            .write()
            .retain(|table, _| catalog.table(*table).is_some());
    }
}

/// Rules are bound without looking at rules.
fn no_rules(table: ObjectId) -> Result<Arc<TableRules>> {
    Err(Error::internal(format!(
        "rules of {table} were asked for while binding rules"
    )))
}
