//! Rules of tables, bound once a catalog version.

use std::sync::Arc;

use catalog::Catalog;
use common::rt::RwLock;
use common::{Error, ObjectId, Result};
use hashbrown::HashMap;
use sql::binder::{BindContext, bind_table_rules};
use sql::ir::TableRules;
use types::TextContext;

/// Rules by table, each with the version of its table that it was bound for. Holds at most as many
/// entries as there are tables; a table whose version is another is bound anew.
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
            makes_temporary: false,
            user: catalog::oid::SUPERUSER,
            text: &text,
            rules: &no_rules,
        };
        let rules = Arc::new(bind_table_rules(&context, info)?);
        let mut kept = self.0.write();
        kept.insert(table, (version, rules.clone()));
        if kept.len() > catalog.tables().count() {
            kept.retain(|table, _| catalog.table(*table).is_some());
        }
        Ok(rules)
    }
}

/// Rules are bound without looking at rules.
fn no_rules(table: ObjectId) -> Result<Arc<TableRules>> {
    Err(Error::internal(format!(
        "rules of {table} were asked for while binding rules"
    )))
}

#[cfg(test)]
mod tests {
    use crate::session::TestClient;
    use crate::{Engine, EngineOptions};

    #[test]
    fn rules_of_dropped_tables_do_not_pile_up() {
        let engine = Engine::open(EngineOptions::default()).expect("opens in memory");
        let mut client = TestClient::connect(&engine);
        let known = engine.catalog().tables().count();
        for _ in 0..known + 20 {
            let sql = "CREATE TABLE t (n int CHECK (n > 0)); INSERT INTO t VALUES (1)";
            client.run(sql).expect("runs");
            client.run("INSERT INTO t VALUES (1)").expect("runs");
            client.run("DROP TABLE t").expect("runs");
        }
        let kept = engine.rules().0.read().len();
        assert!(kept > 0 && kept <= known + 1, "{kept} of {known} tables");
    }
}
