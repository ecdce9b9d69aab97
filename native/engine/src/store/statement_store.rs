//! What one statement holds of the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use catalog::Catalog;
use common::rt::Mutex;
use common::{Error, ObjectId, Result, err, sqlstate};
use hashbrown::HashMap;
use sql::access::Isolation;
use sql::ir::TableRules;
use storage::Wait;
use txn::{LockWait, Transaction, View};

use super::sources::Reader;
use crate::engine::Engine;
use crate::relations::Relation;
use crate::session::{Mode, SharedTransaction};

/// What any statement may hold, however little `work_mem` is.
const MEMORY_MIN_BYTES: usize = 256 << 20;

/// What a [`StatementStore`] is made of.
#[derive(Clone)]
pub struct StoreParts {
    pub engine: Arc<Engine>,
    pub catalog: Arc<Catalog>,
    /// The catalog version is the transaction's own.
    pub is_private: bool,
    pub txn: SharedTransaction,
    pub mode: Mode,
    /// What one sort or hash table may hold (`work_mem`).
    pub work_mem_bytes: usize,
    pub rules: Arc<crate::table_rules::RulesCache>,
    pub deferred: crate::session::SharedDeferred,
    pub facts: Arc<crate::session::SessionFacts>,
}

/// The relations that a statement has opened.
#[derive(Default)]
struct Opened {
    /// Most statements have only this one, and take no memory for it.
    first: Option<(ObjectId, Arc<Relation>)>,
    others: HashMap<ObjectId, Arc<Relation>>,
}

impl Opened {
    fn get(&self, table: ObjectId) -> Option<&Arc<Relation>> {
        match &self.first {
            Some((first, relation)) if *first == table => Some(relation),
            _ => self.others.get(&table),
        }
    }

    fn insert(&mut self, table: ObjectId, relation: Arc<Relation>) {
        if self.first.is_none() {
            self.first = Some((table, relation));
        } else {
            self.others.insert(table, relation);
        }
    }
}

/// See the module. Shared by the statement's scans and cursors.
pub struct StatementStore {
    pub(super) parts: StoreParts,
    pub(super) view: View,
    isolation: Isolation,
    opened: Mutex<Opened>,
    used_bytes: AtomicUsize,
    pub(super) backend: Arc<txn::Backend>,
}

impl StatementStore {
    /// The transaction has taken the statement's snapshot.
    pub fn new(parts: StoreParts) -> Result<Self> {
        let (view, isolation, backend) = {
            let txn = parts.txn.lock();
            let isolation = match txn.options().isolation {
                txn::Isolation::ReadCommitted => Isolation::ReadCommitted,
                txn::Isolation::RepeatableRead => Isolation::RepeatableRead,
                txn::Isolation::Serializable => Isolation::Serializable,
            };
            (txn.view()?, isolation, txn.backend().clone())
        };
        Ok(Self {
            parts,
            view,
            isolation,
            opened: Mutex::default(),
            used_bytes: AtomicUsize::new(0),
            backend,
        })
    }

    /// The same statement with another view: what a trigger would see.
    pub(super) fn with_newest_view(&self) -> Result<Self> {
        let view = {
            let mut txn = self.parts.txn.lock();
            txn.next_command()?;
            let snapshot = match txn.has_one_snapshot() {
                true => self.view.snapshot.clone(),
                false => self.parts.engine.txns().snapshot(),
            };
            View {
                snapshot,
                own: txn.xid(),
                command: txn.command(),
            }
        };
        Ok(Self {
            parts: self.parts.clone(),
            view,
            isolation: self.isolation,
            opened: Mutex::default(),
            used_bytes: AtomicUsize::new(0),
            backend: self.backend.clone(),
        })
    }

    pub fn parts(&self) -> &StoreParts {
        &self.parts
    }

    /// The statement's view as it judges rows that it may have written itself: a transaction gets its
    /// xid at its first write, which may come after the view was taken.
    pub(super) fn writer_view(&self) -> View {
        View {
            own: self.backend.xid(),
            ..self.view.clone()
        }
    }

    /// For a source that reads what `view` sees.
    pub(super) fn reader(&self, view: View) -> Reader {
        Reader {
            view,
            wait: self.wait(),
            backend: self.backend.clone(),
        }
    }

    /// What pages may be waited for.
    pub(super) fn wait(&self) -> Wait {
        match self.parts.mode {
            Mode::Inline => Wait::NoWait,
            Mode::Aside => Wait::Block,
        }
    }

    /// How locks are waited for where the statement may wait at all.
    pub(super) fn lock_wait(&self) -> LockWait {
        match self.parts.mode {
            Mode::Inline => LockWait::Try,
            Mode::Aside => LockWait::Block,
        }
    }

    pub(super) fn txn(&self) -> common::rt::MutexGuard<'_, Transaction> {
        self.parts.txn.lock()
    }

    pub(super) fn relation(&self, table: ObjectId) -> Result<Arc<Relation>> {
        if let Some(relation) = self.opened.lock().get(table) {
            return Ok(relation.clone());
        }
        let StoreParts {
            engine,
            catalog,
            is_private,
            ..
        } = &self.parts;
        let relation = engine.relations().relation(catalog, table, *is_private)?;
        self.opened.lock().insert(table, relation.clone());
        Ok(relation)
    }

    /// The relation `table`, open.
    pub fn open_relation(&self, table: ObjectId) -> Result<Arc<Relation>> {
        self.relation(table)
    }

    /// What a statement that starts now would see, the transaction's own changes included.
    pub fn newest_view(&self) -> Result<View> {
        Ok(self.with_newest_view()?.view)
    }

    /// Rows of a relation that is made from the catalog; None for one that is stored.
    pub(super) fn virtual_rows(
        &self,
        table: ObjectId,
        columns: &[u16],
    ) -> Result<Option<types::Batch>> {
        let info = self.parts.catalog.table(table);
        match info.filter(|info| info.kind == catalog::TableKind::Virtual) {
            Some(info) => crate::virtual_rows::rows(&self.parts.facts, info, columns).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn table_rules(&self, table: ObjectId) -> Result<Arc<TableRules>> {
        self.parts.rules.rules(&self.parts.catalog, table)
    }

    pub(super) fn isolation_level(&self) -> Isolation {
        self.isolation
    }

    /// 40001 above read committed, where a row was changed since the snapshot.
    pub(super) fn check_unchanged(&self, what: &str) -> Result<()> {
        if self.isolation == Isolation::ReadCommitted {
            return Ok(());
        }
        Err(err!(
            sqlstate::SERIALIZATION_FAILURE,
            "could not serialize access due to concurrent {what}"
        ))
    }

    /// What all that the statement holds may be: several sorts and hash tables run at once.
    fn memory_max_bytes(&self) -> usize {
        (self.parts.work_mem_bytes.saturating_mul(4)).max(MEMORY_MIN_BYTES)
    }

    pub(super) fn has_room_for(&self, bytes: usize) -> bool {
        let used = self.used_bytes.load(Ordering::Relaxed);
        used.saturating_add(bytes) <= self.memory_max_bytes()
    }

    pub(super) fn charge_bytes(&self, bytes: usize) -> Result<()> {
        let used = self.used_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let allowed = self.memory_max_bytes();
        if used > allowed {
            self.used_bytes.fetch_sub(bytes, Ordering::Relaxed);
            return Err(Error::new(sqlstate::OUT_OF_MEMORY, "out of memory")
                .with_detail(format!(
                    "The statement needs more than {} kB.",
                    allowed / 1024
                ))
                .with_hint("Raise work_mem: a statement may hold four times as much."));
        }
        Ok(())
    }

    pub(super) fn release_bytes(&self, bytes: usize) {
        self.used_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}
