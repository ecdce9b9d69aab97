//! What a transaction has changed in the catalog and among the files, until it ends.
//!
//! Invariants: `changes` are rows of the catalog's table already, written by this transaction; the
//! engine applies them to its version when the transaction is published; a rollback, also to a
//! savepoint, forgets them before rows are taken back, makes the private copy anew, and gives open
//! tables the shape that they have without them.

use std::sync::Arc;

use catalog::{Catalog, CatalogChange};
use common::rt::Mutex;
use common::{FileId, Result, Xid};
use hashbrown::HashMap;

use crate::relations::Relations;

/// Changes of transactions that are about to be published; at most one entry a writer.
#[derive(Default)]
pub struct PendingCatalogs(Mutex<HashMap<Xid, Pending>>);

#[derive(Default)]
pub struct Pending {
    pub changes: Vec<CatalogChange>,
    pub dropped_files: Vec<FileId>,
}

impl PendingCatalogs {
    pub fn take(&self, xid: Xid) -> Option<Pending> {
        self.0.lock().remove(&xid)
    }
}

enum Step {
    Change(CatalogChange),
    DropFile(FileId),
    CreateFile(FileId),
}

/// See the module.
#[derive(Default)]
pub struct DdlState {
    steps: Vec<Step>,
    private: Option<Arc<Catalog>>,
    base: Option<Arc<Catalog>>,
    pending: Option<Arc<PendingCatalogs>>,
    relations: Option<Arc<Relations>>,
    xid: Xid,
    /// Files made by steps that were rolled back to a savepoint: to be removed by the engine.
    orphans: Vec<FileId>,
}

impl DdlState {
    pub fn new(pending: Arc<PendingCatalogs>, relations: Arc<Relations>) -> Self {
        Self {
            pending: Some(pending),
            relations: Some(relations),
            ..Self::default()
        }
    }

    pub fn mark(&self) -> usize {
        self.steps.len()
    }

    /// The transaction's own version, once it has changed something.
    pub fn catalog(&self) -> Option<&Arc<Catalog>> {
        self.private.as_ref()
    }

    /// Notes changes whose rows were written; `base` is the engine's newest version.
    pub fn apply(&mut self, base: &Arc<Catalog>, changes: &[CatalogChange]) {
        let mut next = match self.private.take() {
            Some(own) => own,
            None => {
                self.base = Some(base.clone());
                base.clone()
            }
        };
        Arc::make_mut(&mut next).apply(changes);
        self.private = Some(next);
        self.steps.extend(changes.iter().cloned().map(Step::Change));
    }

    /// A file that goes when the transaction commits.
    pub fn drop_file(&mut self, file: FileId) {
        self.steps.push(Step::DropFile(file));
    }

    /// A file that goes when the transaction rolls back; the storage sees to a whole rollback.
    pub fn create_file(&mut self, file: FileId) {
        self.steps.push(Step::CreateFile(file));
    }

    /// Forgets the steps since `mark`. The rows are taken back afterwards, whatever the answer.
    pub fn rollback_to(&mut self, mark: usize) -> Result<()> {
        if mark >= self.steps.len() {
            return Ok(());
        }
        let mut undone = Vec::new();
        for step in self.steps.drain(mark..) {
            match step {
                Step::CreateFile(file) => self.orphans.push(file),
                Step::Change(change) => undone.push(change),
                Step::DropFile(_) => {}
            }
        }
        let changes: Vec<CatalogChange> = self.changes().cloned().collect();
        self.private = match (&self.base, changes.is_empty()) {
            (Some(base), false) => {
                let mut next = base.clone();
                Arc::make_mut(&mut next).apply(&changes);
                Some(next)
            }
            _ => None,
        };
        if self.steps.is_empty() {
            self.base = None;
        }
        match &self.relations {
            Some(relations) => relations.restore(self.private.as_deref(), &undone),
            None => Ok(()),
        }
    }

    /// Files whose creation was undone, to be removed now.
    pub fn take_orphans(&mut self) -> Vec<FileId> {
        std::mem::take(&mut self.orphans)
    }

    /// Hands the changes to whoever publishes `xid`; gives the files that go with the commit.
    pub fn prepare_commit(&mut self, xid: Xid) -> Vec<FileId> {
        self.xid = xid;
        let dropped: Vec<FileId> = self
            .steps
            .iter()
            .filter_map(|step| {
                if let Step::DropFile(file) = step {
                    Some(*file)
                } else {
                    None
                }
            })
            .collect();
        if let Some(pending) = &self.pending
            && !self.steps.is_empty()
        {
            let changes = self.changes().cloned().collect();
            let entry = Pending {
                changes,
                dropped_files: dropped.clone(),
            };
            pending.0.lock().insert(xid, entry);
        }
        dropped
    }

    pub fn committed(&mut self) {
        self.steps.clear();
        self.private = None;
        self.base = None;
    }

    /// The commit failed: nobody will publish.
    pub fn cancel_commit(&mut self) {
        if let Some(pending) = &self.pending {
            drop(pending.take(self.xid));
        }
    }

    fn changes(&self) -> impl Iterator<Item = &CatalogChange> {
        self.steps.iter().filter_map(|step| match step {
            Step::Change(change) => Some(change),
            _ => None,
        })
    }
}
