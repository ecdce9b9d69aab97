//! An open index.

use std::sync::Arc;

use common::rt::RwLock;
use common::{FileId, Result, Xid};
use storage::tree::{PageTree, Purpose};
use storage::{FileKind, Mtr, Storage, Wait};
use txn::TxnManager;

use crate::leaf::KeyFormat;

/// The page tree of one index. All methods may be called from several threads.
///
/// Whether the index is unique, what its columns are and who may use it is the catalog's business;
/// here are bytes.
pub struct Index {
    pub(crate) tree: PageTree<KeyFormat>,
    pub(crate) txns: Arc<TxnManager>,
    /// For messages.
    name: RwLock<Arc<str>>,
}

impl Index {
    /// Makes a new file with an empty index for a transaction: on abort the file goes.
    pub fn create(
        storage: &Arc<Storage>,
        txns: &Arc<TxnManager>,
        creator: Xid,
        kind: FileKind,
        name: &str,
    ) -> Result<Self> {
        let file = storage.create_file(creator, kind)?;
        Self::create_in(storage, txns, file, name)
    }

    /// Makes an empty index in a file that was just made.
    pub fn create_in(
        storage: &Arc<Storage>,
        txns: &Arc<TxnManager>,
        file: FileId,
        name: &str,
    ) -> Result<Self> {
        let tree = PageTree::create(Arc::clone(storage), file, file.0, KeyFormat)?;
        Ok(Self::with_tree(tree, txns, name))
    }

    /// The index that [`Index::create`] made in `file`. Reads nothing yet.
    pub fn open(storage: &Arc<Storage>, txns: &Arc<TxnManager>, file: FileId, name: &str) -> Self {
        let tree = PageTree::open(Arc::clone(storage), file, file.0, KeyFormat);
        Self::with_tree(tree, txns, name)
    }

    fn with_tree(tree: PageTree<KeyFormat>, txns: &Arc<TxnManager>, name: &str) -> Self {
        Self {
            tree,
            txns: Arc::clone(txns),
            name: RwLock::new(name.into()),
        }
    }

    pub fn file(&self) -> FileId {
        self.tree.file()
    }

    pub fn storage(&self) -> &Arc<Storage> {
        self.tree.storage()
    }

    /// As messages call it.
    pub fn name(&self) -> Arc<str> {
        Arc::clone(&self.name.read())
    }

    /// The index was renamed.
    pub fn set_name(&self, name: &str) {
        *self.name.write() = name.into();
    }

    /// Full keys, or beginnings of them, that divide the index into parts of about equal size, in
    /// order: bounds of ranges for parallel scans.
    pub fn morsels(&self, parts_min: usize, wait: Wait) -> Result<Vec<Vec<u8>>> {
        self.tree.morsels(parts_min, wait)
    }

    /// Checks every page: structure, order, entries unique. Nobody may change the index meanwhile.
    /// What is wrong, one line each, at most 100.
    pub fn verify(&self) -> Result<Vec<String>> {
        self.tree.verify()
    }

    pub(crate) fn begin(&self, purpose: Purpose) -> Mtr<'_> {
        match purpose {
            Purpose::Change(wait) => self.storage().begin_with(wait),
            Purpose::Undo => self.storage().begin_privileged(),
        }
    }
}

/// How `purpose` waits.
pub(crate) fn wait_of(purpose: Purpose) -> Wait {
    match purpose {
        Purpose::Change(wait) => wait,
        Purpose::Undo => Wait::Block,
    }
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index")
            .field("name", &self.name())
            .field("file", &self.file())
            .finish_non_exhaustive()
    }
}
