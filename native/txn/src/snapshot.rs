//! What a reader sees of the others.

use std::sync::Arc;

use common::{Lsn, Xid};

/// The state of all transactions at one publish: immutable, shared, taken by counting up a pointer.
///
/// There is no commit log and no stamping: rollback restores rows before its transaction leaves the
/// active set, so what has ended has committed (InnoDB's read view).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Every transaction below has ended.
    pub xmin: Xid,
    /// The first xid that was not given when this was made.
    pub xmax: Xid,
    /// Those of `xmin..xmax` that had not ended, ascending.
    pub active: Box<[Xid]>,
    /// Number of the publish that made this: a transaction is seen exactly when its own number is
    /// not greater.
    pub publish_no: u64,
    /// Position in the log of the newest commit that is seen.
    pub lsn: Lsn,
}

/// How every holder keeps a snapshot. As long as one does, purge keeps what it sees.
pub type SnapshotRef = Arc<Snapshot>;

impl Snapshot {
    /// Whether the changes of `xid` are seen. A transaction's own are judged by command id instead
    /// ([`crate::Transaction::sees`]).
    #[inline]
    pub fn sees(&self, xid: Xid) -> bool {
        xid < self.xmin || (xid < self.xmax && self.active.binary_search(&xid).is_err())
    }
}
