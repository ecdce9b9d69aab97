//! The tables that rollback and purge can reach.

use std::sync::{Arc, Weak};

use common::rt::RwLock;
use common::{ObjectId, Result, RowId};
use hashbrown::HashMap;
use txn::{RowWriter, Snapshot, UndoAddr, UndoRecord, UndoTarget};

use crate::table::Table;

/// Opens the table whose undo is to be worked off: [`Table::id`] is its file's number. None: the
/// file is gone, and there is nothing to do.
pub type OpenTable = dyn Fn(ObjectId) -> Result<Option<Arc<Table>>> + Send + Sync;

/// Leads undo records to their tables: [`txn::TxnManager::set_target`]. Holds open tables weakly, as
/// many as there are.
pub struct Tables {
    open: RwLock<HashMap<ObjectId, Weak<Table>>>,
    opener: Box<OpenTable>,
}

impl Tables {
    pub fn new(opener: Box<OpenTable>) -> Arc<Self> {
        Arc::new(Self {
            open: RwLock::new(HashMap::new()),
            opener,
        })
    }

    /// Makes an open table known.
    pub fn add(&self, table: &Arc<Table>) {
        let mut open = self.open.write();
        if open.len() == open.capacity() {
            open.retain(|_, table| table.strong_count() > 0);
        }
        open.insert(table.id(), Arc::downgrade(table));
    }

    /// Forgets a table whose file is removed.
    pub fn remove(&self, table: ObjectId) {
        self.open.write().remove(&table);
    }

    /// The table with this number.
    pub fn get(&self, table: ObjectId) -> Result<Option<Arc<Table>>> {
        if let Some(table) = self.open.read().get(&table).and_then(Weak::upgrade) {
            return Ok(Some(table));
        }
        let opened = (self.opener)(table)?;
        if let Some(table) = &opened {
            self.add(table);
        }
        Ok(opened)
    }
}

impl UndoTarget for Tables {
    fn undo(&self, record: &UndoRecord, addr: UndoAddr) -> Result<()> {
        match self.get(record.table)? {
            Some(table) => table.undo(record, addr),
            None => Ok(()),
        }
    }

    fn purge(&self, record: &UndoRecord, addr: UndoAddr, horizon: &Snapshot) -> Result<()> {
        match self.get(record.table)? {
            Some(table) => table.purge(record, addr, horizon),
            None => Ok(()),
        }
    }

    fn row_writer(&self, table: ObjectId, row: RowId) -> Result<Option<RowWriter>> {
        match self.get(table)? {
            Some(table) => table.row_writer(row),
            None => Ok(None),
        }
    }
}
