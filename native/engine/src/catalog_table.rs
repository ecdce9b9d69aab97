//! The catalog's objects as rows of one ordinary table.
//!
//! Columns: oid, kind, body (the object's own versioned form). A change of the catalog is a change of
//! its row, so commit, rollback, savepoints and recovery are those of any table. The table is small
//! and DDL is rare: rows are found by a scan.

use std::sync::Arc;

use catalog::{Catalog, CatalogChange, ObjectKind, ObjectRow};
use common::{Error, FileId, ObjectId, Result, RowId};
use storage::{FileKind, Storage, Wait};
use table::{ColumnLayout, Expect, Layout, Table, WriteOutcome};
use txn::{LockWait, Transaction, TxnManager, View};
use types::{Batch, DatumRef, Physical};

const OID: u16 = 0;
const KIND: u16 = 1;
const BODY: u16 = 2;

/// See the module.
pub struct CatalogTable {
    table: Arc<Table>,
    txns: Arc<TxnManager>,
}

fn layout() -> Layout {
    let columns = [Physical::I32, Physical::I16, Physical::Bytes];
    Layout::new(0, columns.into_iter().map(ColumnLayout::new).collect())
}

impl CatalogTable {
    /// Makes the table in a new directory.
    pub fn create(storage: &Arc<Storage>, txns: &Arc<TxnManager>) -> Result<Self> {
        let table = Table::create(storage, txns, common::Xid(0), FileKind::Data, layout())?;
        Ok(Self {
            table: Arc::new(table),
            txns: txns.clone(),
        })
    }

    pub fn open(storage: &Arc<Storage>, txns: &Arc<TxnManager>, file: FileId) -> Result<Self> {
        let table = Table::open(storage, txns, file, layout())?;
        Ok(Self {
            table: Arc::new(table),
            txns: txns.clone(),
        })
    }

    pub fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// The catalog as committed.
    pub fn load(&self) -> Result<Catalog> {
        let snapshot = self.txns.snapshot();
        let view = View {
            snapshot,
            own: common::Xid(0),
            command: common::CommandId(0),
        };
        let mut rows = Vec::new();
        self.each(view, &[OID, KIND, BODY], |_, batch, at| {
            let kind = batch
                .get(1, at)
                .as_i64()
                .and_then(|kind| u8::try_from(kind).ok());
            let (Some(oid), Some(kind), Some(body)) =
                (batch.get(0, at).as_oid(), kind, batch.get(2, at).as_bytes())
            else {
                return Err(Error::corrupted("a row of the catalog is malformed"));
            };
            rows.push(ObjectRow {
                oid: ObjectId(oid),
                kind,
                body: body.to_vec(),
            });
            Ok(())
        })?;
        Catalog::from_rows(rows)
    }

    fn each(
        &self,
        view: View,
        columns: &[u16],
        mut visit: impl FnMut(RowId, &Batch, usize) -> Result<()>,
    ) -> Result<()> {
        let mut scan = self
            .table
            .scan(view, columns, RowId(0), RowId(u64::MAX), Wait::Block);
        let (mut batch, mut ids) = (Batch::default(), Vec::new());
        while scan.next_batch(&mut batch, Some(&mut ids))? {
            for (at, id) in ids.iter().enumerate() {
                visit(*id, &batch, at)?;
            }
        }
        Ok(())
    }

    /// Writes the rows of changes for a transaction, each change as a command of its own.
    /// `is_temporary`: they are about what a crash takes anyway.
    pub fn write(
        &self,
        txn: &mut Transaction,
        changes: &[CatalogChange],
        is_temporary: bool,
    ) -> Result<()> {
        let was_durable = txn.is_durable();
        for change in changes {
            self.txns.assign_xid(txn)?;
            while !self.write_one(txn, change)? {}
            txn.next_command()?;
        }
        if is_temporary {
            txn.set_durable(was_durable);
        }
        Ok(())
    }

    /// False: somebody who had to be waited for was in the way.
    fn write_one(&self, txn: &mut Transaction, change: &CatalogChange) -> Result<bool> {
        // The newest rows, whatever the transaction's own snapshot: it holds the locks on what
        // it changes.
        let view = View {
            snapshot: self.txns.snapshot(),
            own: txn.xid(),
            command: txn.command(),
        };
        let (kind, oid) = match change {
            CatalogChange::Put(object) => (object.kind(), object.oid()),
            CatalogChange::Drop(kind, oid) => (*kind, *oid),
        };
        let found = self.find(view.clone(), kind, oid)?;
        let outcome = match (change, found) {
            (CatalogChange::Put(object), Some(row)) => {
                let body = object.to_row().body;
                let values = [DatumRef::Bytes(&body)];
                let expect = Expect::Seen(&view);
                self.table
                    .update(txn, expect, row, None, &[BODY], &values, false, Wait::Block)?
            }
            (CatalogChange::Put(object), None) => {
                let body = object.to_row().body;
                let values = [
                    DatumRef::I32(oid.0 as i32),
                    DatumRef::I16(kind as i16),
                    DatumRef::Bytes(&body),
                ];
                WriteOutcome::Done(self.table.insert(txn, &values, Wait::Block)?.page)
            }
            (CatalogChange::Drop(..), Some(row)) => {
                self.table
                    .delete(txn, Expect::Seen(&view), row, None, Wait::Block)?
            }
            (CatalogChange::Drop(..), None) => return Ok(true),
        };
        match outcome {
            WriteOutcome::Done(_) => Ok(true),
            // A transaction that a crash ended has no locks any more while it is taken back.
            WriteOutcome::Blocked {
                writer: Some(writer),
            } => {
                let locks = self.txns.locks();
                locks.wait_for_xid(txn, writer.xid, LockWait::Block)?;
                Ok(false)
            }
            // Locks of the objects keep two transactions from changing one row.
            _ => Err(Error::new(
                common::sqlstate::INTERNAL_ERROR,
                "tuple concurrently updated",
            )),
        }
    }

    fn find(&self, view: View, kind: ObjectKind, oid: ObjectId) -> Result<Option<RowId>> {
        let mut found = None;
        self.each(view, &[OID, KIND], |row, batch, at| {
            if batch.get(0, at).as_oid() == Some(oid.0)
                && batch.get(1, at).as_i64() == Some(kind as i64)
            {
                found = Some(row);
            }
            Ok(())
        })?;
        Ok(found)
    }
}
