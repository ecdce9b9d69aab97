//! What one statement or cursor sees.

use common::{CommandId, Xid};

use crate::snapshot::SnapshotRef;

/// A snapshot, and how far its own transaction's changes are seen. Cheap to copy; a cursor keeps
/// the one of its time.
#[derive(Clone, Debug)]
pub struct View {
    pub snapshot: SnapshotRef,
    /// The own transaction; 0 when it had written nothing. What it writes afterwards is not seen,
    /// since no snapshot sees an active transaction.
    pub own: Xid,
    /// Own changes of earlier commands are seen.
    pub command: CommandId,
}

/// What [`View::judge`] says of a version by its writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    Seen,
    NotSeen,
    /// The own transaction wrote it: ask [`View::sees_own`] with the command id of the undo record.
    Own,
}

impl View {
    /// What somebody sees who writes nothing.
    pub fn of_reader(snapshot: SnapshotRef) -> Self {
        Self {
            snapshot,
            own: Xid(0),
            command: CommandId(0),
        }
    }

    #[inline]
    pub fn judge(&self, writer: Xid) -> Visibility {
        if self.snapshot.sees(writer) {
            Visibility::Seen
        } else if writer == self.own && writer.0 != 0 {
            Visibility::Own
        } else {
            Visibility::NotSeen
        }
    }

    #[inline]
    pub fn sees_own(&self, command: CommandId) -> bool {
        command < self.command
    }
}
