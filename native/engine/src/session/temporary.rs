//! What a session has of temporary relations: its schema, and the tables to empty at commit.
//!
//! Definitions are the catalog's and roll back with it; here is only what is not in it. Invariant: a
//! table of ON COMMIT DELETE ROWS is empty between transactions.

use std::sync::Arc;

use catalog::{Catalog, OnCommit, Table};
use common::{ObjectId, Result};
use storage::Ticket;

use super::session::Session;
use crate::temp_namespaces::{TempNamespace, drop_contents};

/// See the module.
#[derive(Default)]
pub(super) struct Temporary {
    /// Reserved when the first temporary relation is made, kept to the end.
    pub namespace: Option<Arc<TempNamespace>>,
    /// Tables that the transaction wrote and its commit empties.
    pub written: Vec<ObjectId>,
    /// The newest commit that its session may not have waited for.
    pub last_commit: Option<Ticket>,
}

impl Temporary {
    /// Notes that the transaction writes to a table.
    pub fn note_write(&mut self, table: &Table) {
        if table.on_commit == OnCommit::DeleteRows && !self.written.contains(&table.oid) {
            self.written.push(table.oid);
        }
    }
}

impl Session {
    /// Whether the session has made temporary relations or held cursors, or listens, so that nobody
    /// else may have it.
    pub fn has_temporary(&self) -> bool {
        self.temporary.namespace.is_some() || self.listens || self.portals.len() > 0
    }

    /// The name of its temporary schema, reserved or not.
    pub(super) fn temp_schema_name(&self) -> Option<&str> {
        self.temporary.namespace.as_deref().map(TempNamespace::name)
    }

    /// Whether a commit now has something to do with temporary tables: on a worker.
    pub(super) fn has_commit_work(&self) -> bool {
        !self.temporary.written.is_empty()
            || self.portals.has_unheld()
            || (self.temporary.namespace.is_some() && self.block.ddl.catalog().is_some())
    }

    /// Does to temporary tables what their ON COMMIT says. An error leaves the transaction to be
    /// rolled back.
    pub(super) fn run_on_commit(&mut self) -> Result<()> {
        if self.temporary.written.is_empty() && self.temporary.namespace.is_none() {
            return Ok(());
        }
        self.engine.collect_many_files();
        let written = std::mem::take(&mut self.temporary.written);
        self.define("", &|context| sql::ddl::on_commit(context, &written))?;
        Ok(())
    }

    /// DISCARD TEMP.
    pub(super) fn discard_temporary(&mut self) -> Result<()> {
        if self.temporary.namespace.is_some() {
            self.define("", &sql::ddl::drop_temporary)?;
        }
        Ok(())
    }

    /// The session ends, its transaction has. What cannot be dropped now is dropped when the engine
    /// is opened again; its schema is given to nobody before.
    pub(super) fn end_temporary(&mut self) {
        let Some(namespace) = self.temporary.namespace.take() else {
            return;
        };
        if self.engine.check_open().is_err() {
            return;
        }
        if let Some(ticket) = self.temporary.last_commit.take()
            && self.engine.wait(ticket).is_err()
        {
            return;
        }
        let schema = |catalog: &Catalog| catalog.schema_by_name(namespace.name()).map(|s| s.oid);
        if let Some(schema) = schema(&self.engine.catalog()) {
            let backend = &self.handle.backend;
            backend.begin_last_work();
            let _ = drop_contents(&self.engine, backend, &[schema], false);
        }
    }
}
