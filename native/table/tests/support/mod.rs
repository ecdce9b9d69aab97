//! A data directory with one table, and sessions on it.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod map_index;

use std::collections::BTreeMap;
use std::sync::Arc;

use common::vfs::Vfs;
use common::{FileId, ObjectId, PageId, PageNo, RowId, Xid};
use storage::{Durability, FileKind, OpTable, Options, Storage, Wait, page_header};
use table::{ColumnLayout, Layout, Table, Tables};
use txn::{
    Backend, BeginOptions, Isolation, Transaction, TxnManager, TxnOptions, UndoTarget, View,
};
use types::{Batch, Datum, DatumRef, Physical};

pub struct Rig {
    pub vfs: Arc<dyn Vfs>,
    pub storage: Arc<Storage>,
    pub txns: Arc<TxnManager>,
    pub tables: Arc<Tables>,
    pub target: Arc<dyn UndoTarget>,
    pub table: Arc<Table>,
}

pub fn layout() -> Layout {
    let classes = [
        Physical::I32,
        Physical::Bytes,
        Physical::I64,
        Physical::Bytes,
    ];
    Layout::new(1, classes.map(ColumnLayout::new).to_vec())
}

pub fn options() -> Options {
    Options {
        buffer_pool_bytes: 512 << 14,
        wal_segment_bytes: 1 << 20,
        wal_ring_bytes: 1 << 20,
        ballast_bytes: 0,
        check_apply: true,
        ..Options::default()
    }
}

impl Rig {
    /// A new directory with an empty table.
    pub fn new(vfs: Arc<dyn Vfs>, options: Options, layout: Layout) -> Self {
        let (storage, txns) = open_storage(&vfs, options);
        let table = Table::create(&storage, &txns, Xid(0), FileKind::Data, layout.clone());
        let table = table.expect("a table");
        Self::with(vfs, storage, txns, table, layout)
    }

    /// What a crash or a close left behind.
    pub fn reopen(vfs: Arc<dyn Vfs>, options: Options, file: FileId, layout: Layout) -> Self {
        let (storage, txns) = open_storage(&vfs, options);
        let table = Table::open(&storage, &txns, file, layout.clone()).expect("the table");
        Self::with(vfs, storage, txns, table, layout)
    }

    fn with(
        vfs: Arc<dyn Vfs>,
        storage: Arc<Storage>,
        txns: Arc<TxnManager>,
        table: Table,
        layout: Layout,
    ) -> Self {
        let (weak_storage, weak_txns) = (Arc::downgrade(&storage), Arc::downgrade(&txns));
        let tables = Tables::new(Box::new(move |id: ObjectId| {
            let storage = weak_storage.upgrade().expect("open");
            let txns = weak_txns.upgrade().expect("open");
            let table = Table::open(&storage, &txns, FileId(id.0), layout.clone())?;
            Ok(Some(Arc::new(table)))
        }));
        let table = Arc::new(table);
        tables.add(&table);
        let target = Arc::clone(&tables) as Arc<dyn UndoTarget>;
        txns.set_target(&target);
        Self {
            vfs,
            storage,
            txns,
            tables,
            target,
            table,
        }
    }

    pub fn begin(&self, backend: &Arc<Backend>, isolation: Isolation) -> Transaction {
        let options = BeginOptions {
            isolation,
            ..BeginOptions::default()
        };
        self.txns.begin(backend, options).expect("begins")
    }

    /// What a statement that starts now sees.
    pub fn view(&self, txn: &mut Transaction) -> View {
        self.txns.statement_snapshot(txn);
        txn.view().expect("has a snapshot")
    }

    pub fn commit(&self, txn: &mut Transaction) {
        let ticket = self
            .txns
            .commit(txn, Durability::FullWaiting, &[], &[])
            .expect("commits");
        if let Some(ticket) = ticket {
            self.storage.wait(ticket).expect("durable");
        }
    }

    /// How many pages of which kind the table's file has.
    pub fn page_kinds(&self) -> BTreeMap<u8, usize> {
        let (file, mut kinds) = (self.table.file(), BTreeMap::new());
        for no in 0..self.storage.file_pages(file).expect("a file") {
            let id = PageId {
                file,
                no: PageNo(no),
            };
            if let Ok(page) = self.storage.page(id, Wait::Block) {
                *kinds.entry(page_header::kind_of(&page.read())).or_default() += 1;
            }
        }
        kinds
    }

    /// All rows that the view sees, by a scan.
    pub fn rows(&self, view: &View) -> Vec<(RowId, Vec<Datum>)> {
        let columns: Vec<u16> = (0..self.table.layout().columns().len() as u16).collect();
        self.rows_of(view, &columns)
    }

    pub fn rows_of(&self, view: &View, columns: &[u16]) -> Vec<(RowId, Vec<Datum>)> {
        let end = RowId(u64::MAX);
        let mut scan = self
            .table
            .scan(view.clone(), columns, RowId(0), end, Wait::Block);
        let (mut batch, mut ids, mut rows) = (Batch::default(), Vec::new(), Vec::new());
        while scan
            .next_batch(&mut batch, Some(&mut ids))
            .expect("readable")
        {
            assert_eq!(ids.len(), batch.len);
            for (row, id) in ids.iter().enumerate() {
                let values = batch
                    .columns
                    .iter()
                    .map(|column| column.get(row).to_owned());
                rows.push((*id, values.collect()));
            }
        }
        rows
    }
}

fn open_storage(vfs: &Arc<dyn Vfs>, options: Options) -> (Arc<Storage>, Arc<TxnManager>) {
    let txns = TxnManager::new(TxnOptions::default());
    let ops = OpTable::new()
        .register(storage::tree::OPS)
        .register(txn::UNDO_OPS);
    let ops = table::register_ops(ops);
    let hooks = Arc::clone(&txns) as Arc<dyn storage::Hooks>;
    let (storage, info) = Storage::open(Arc::clone(vfs), options, ops, hooks).expect("opens");
    txns.start(&storage, &info).expect("starts");
    (storage, txns)
}

pub fn refs(values: &[Datum]) -> Vec<DatumRef<'_>> {
    values.iter().map(Datum::as_ref).collect()
}
