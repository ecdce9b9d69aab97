//! A table: its tree of row leaves and what all operations on rows share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering};

use common::rt::RwLock;
use common::{FileId, ObjectId, PageNo, Result, RowId, Xid};
use storage::tree::{PageTree, Purpose};
use storage::{FileKind, Storage, Wait, page_header};
use txn::{Transaction, TxnManager};

use crate::layout::Layout;
use crate::leaf::leaf_ref::LeafRef;
use crate::leaf::rebuild::Spare;
use crate::leaf::row_format::{NewShape, RowFormat, relaid, row_key};
use crate::row_ids::RowIds;
use crate::row_indexes::RowIndexes;

/// An open table. All methods may be called from several threads.
pub struct Table {
    pub(crate) tree: PageTree<RowFormat>,
    pub(crate) txns: Arc<TxnManager>,
    /// Names the table in undo records and row locks. The file's number serves: unlike the
    /// catalog's oid it changes with TRUNCATE and rewrites, so that old undo does not meet new rows.
    pub(crate) id: ObjectId,
    layout: RwLock<Arc<Layout>>,
    /// The number of `layout`, to look at without its lock.
    layout_id: AtomicU16,
    pub(crate) ids: RowIds,
    /// The page where the last row went, 0 if unknown.
    last_leaf: AtomicU32,
    indexes: RwLock<Option<Arc<dyn RowIndexes>>>,
    /// Its rows need not survive a crash.
    is_temporary: AtomicBool,
}

impl Table {
    /// Makes a new file with an empty table for a transaction: on abort the file goes.
    pub fn create(
        storage: &Arc<Storage>,
        txns: &Arc<TxnManager>,
        creator: Xid,
        kind: FileKind,
        layout: Layout,
    ) -> Result<Self> {
        let file = storage.create_file(creator, kind)?;
        Self::create_in(storage, txns, file, layout)
    }

    /// Makes an empty table in a file that was just made.
    pub fn create_in(
        storage: &Arc<Storage>,
        txns: &Arc<TxnManager>,
        file: FileId,
        layout: Layout,
    ) -> Result<Self> {
        let format = RowFormat::new(layout.id(), layout.widths().to_vec());
        let tree = PageTree::create(Arc::clone(storage), file, file.0, format)?;
        Ok(Self::with_tree(tree, txns, layout, 0))
    }

    /// The table that [`Table::create`] made in `file`.
    pub fn open(
        storage: &Arc<Storage>,
        txns: &Arc<TxnManager>,
        file: FileId,
        layout: Layout,
    ) -> Result<Self> {
        let format = RowFormat::new(layout.id(), layout.widths().to_vec());
        let tree = PageTree::open(Arc::clone(storage), file, file.0, format);
        let mark = tree.mark(Wait::Block)?;
        Ok(Self::with_tree(tree, txns, layout, mark))
    }

    fn with_tree(
        tree: PageTree<RowFormat>,
        txns: &Arc<TxnManager>,
        layout: Layout,
        mark: u64,
    ) -> Self {
        Self {
            id: ObjectId(tree.file().0),
            tree,
            txns: Arc::clone(txns),
            layout_id: AtomicU16::new(layout.id()),
            layout: RwLock::new(Arc::new(layout)),
            ids: RowIds::new(mark),
            last_leaf: AtomicU32::new(0),
            indexes: RwLock::new(None),
            is_temporary: AtomicBool::new(false),
        }
    }

    /// The number of its file, as undo records and row locks name it.
    pub fn id(&self) -> ObjectId {
        self.id
    }

    pub fn file(&self) -> FileId {
        self.tree.file()
    }

    pub fn storage(&self) -> &Arc<Storage> {
        self.tree.storage()
    }

    /// The rows are a session's alone and need not survive a crash; said before the first is written.
    pub fn set_temporary(&self) {
        self.is_temporary.store(true, Ordering::Relaxed);
    }

    /// Gives a transaction that is about to write here its xid.
    #[inline]
    pub fn assign_xid(&self, txn: &mut Transaction) -> Result<Xid> {
        match self.is_temporary.load(Ordering::Relaxed) {
            true => self.txns.assign_temporary_xid(txn),
            false => self.txns.assign_xid(txn),
        }
    }

    /// The newest layout.
    pub fn layout(&self) -> Arc<Layout> {
        Arc::clone(&self.layout.read())
    }

    /// New rows get this layout: one with more columns than before, or the one from before when
    /// that was rolled back. The caller holds the table exclusively.
    pub fn set_layout(&self, layout: Layout) {
        let mut current = self.layout.write();
        self.tree
            .format()
            .set_newest(layout.id(), layout.widths().to_vec());
        self.layout_id.store(layout.id(), Ordering::Relaxed);
        *current = Arc::new(layout);
    }

    /// The first of `count` numbers for layouts of this table, above `newest`; never given again,
    /// also when the transaction does not commit.
    pub fn take_layouts(&self, newest: u16, count: u16, wait: Wait) -> Result<u16> {
        self.ids
            .take_layouts(newest, count, |mark| self.tree.raise_mark(mark, wait))
    }

    /// A leaf for reading: with those of its columns that the table has.
    #[inline]
    pub(crate) fn leaf<'p>(&self, page: &'p [u8]) -> Result<LeafRef<'p>> {
        let mut leaf = LeafRef::new(page)?;
        leaf.hide_columns(self.columns_known(page_header::layout(page)));
        Ok(leaf)
    }

    /// How many columns of a leaf or record with this layout count: see [`Layout::columns_known`].
    #[inline]
    pub(crate) fn columns_known(&self, layout: u16) -> usize {
        match layout == self.layout_id.load(Ordering::Relaxed) {
            true => usize::MAX,
            false => self.layout().columns_known(layout),
        }
    }

    /// Whom rollback and purge tell of rows; None: there are no indexes.
    pub fn set_indexes(&self, indexes: Option<Arc<dyn RowIndexes>>) {
        *self.indexes.write() = indexes;
    }

    /// The indexes that rollback and purge keep in step; None until a relation made them known.
    pub fn indexes(&self) -> Option<Arc<dyn RowIndexes>> {
        self.indexes.read().clone()
    }

    /// No row has this id or a greater one yet: the end of a scan that is to end.
    pub fn row_id_end(&self) -> RowId {
        self.ids.end()
    }

    /// Row ids that divide the table into parts of about equal size, in order.
    pub fn morsels(&self, parts_min: usize, wait: Wait) -> Result<Vec<RowId>> {
        let keys = self.tree.morsels(parts_min, wait)?;
        let ids = keys.iter().filter_map(|key| key.as_slice().try_into().ok());
        Ok(ids.map(|key| RowId(u64::from_be_bytes(key))).collect())
    }

    /// Checks every page. Nobody may change the table meanwhile.
    pub fn verify(&self) -> Result<Vec<String>> {
        self.tree.verify()
    }

    pub(crate) fn last_leaf(&self) -> Option<PageNo> {
        match self.last_leaf.load(Ordering::Relaxed) {
            0 => None,
            no => Some(PageNo(no)),
        }
    }

    pub(crate) fn set_last_leaf(&self, no: PageNo) {
        self.last_leaf.store(no.0, Ordering::Relaxed);
    }

    /// Gives the leaf of `row` the newest layout, or splits it to make room for that.
    pub(crate) fn convert_leaf(&self, row: RowId, purpose: Purpose) -> Result<()> {
        let wait = match purpose {
            Purpose::Change(wait) => wait,
            Purpose::Undo => Wait::Block,
        };
        let layout = self.layout();
        let key = row_key(row);
        let mut mtr = self.storage().begin_with(wait);
        let slot = self.tree.latch_leaf(&mut mtr, None, &key, wait)?;
        let page = mtr.page(slot);
        if page_header::layout(page) == layout.id() {
            return Ok(());
        }
        let into = NewShape {
            layout: layout.id(),
            columns_known: layout.columns_known(page_header::layout(page)),
            widths: layout.widths(),
            spare: Spare::default(),
        };
        let image = relaid(page, &into, &|index| layout.missing_bytes(index))?;
        let Some(image) = image else {
            if LeafRef::new(page)?.count() < 2 {
                return Err(crate::limits::row_too_big(common::limits::PAGE_SIZE));
            }
            drop(mtr);
            return self.tree.split_leaf(&key, purpose);
        };
        storage::tree::ops::log_image(&mut mtr, slot, &image)?;
        mtr.commit(Xid(0))?;
        Ok(())
    }
}
