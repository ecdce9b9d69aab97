//! How transactions end: into the log, to the disk, before the readers.

use common::{FileId, Lsn, Result, Xid};

use super::storage::Storage;
use crate::hooks::{EndKind, RecordKind};
use crate::log::Append;

/// How a commit is made durable and visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Written by the caller at once where that is all that it takes ([`crate::SyncMode::Normal`]
    /// and `Off`), else the flusher is woken; for [`Storage::on_durable`].
    Full,
    /// The caller calls [`Storage::wait`] next and may flush by itself: no thread is woken.
    FullWaiting,
    /// Published at once with all before it; durable soon.
    Asynchronous,
    /// For what a crash takes anyway: published at once where no other commit waits to be, else with
    /// those before it; nobody is woken for it alone.
    Temporary,
}

/// The end of a transaction.
#[derive(Clone, Copy, Debug)]
pub struct CommitRequest<'a> {
    pub xid: Xid,
    pub kind: EndKind,
    /// The transaction layer's: given back to [`Hooks`].
    pub body: &'a [u8],
    /// Files that go if this is a commit: the caller calls [`Storage::remove_file`] once no
    /// snapshot needs them; after a crash recovery does. Files made by the transaction stay on
    /// commit and are removed by the storage on abort.
    pub dropped_files: &'a [FileId],
    pub durability: Durability,
}

/// Stands for a commit that is on its way: its position in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub Lsn);

impl Storage {
    /// Appends a record of another crate (`kind` 0 to 127): given to [`Hooks::recovered`].
    pub fn log_message(&self, xid: Xid, kind: u8, body: &[u8]) -> Result<Lsn> {
        assert!(kind < 128, "kinds of messages are 0 to 127");
        let kind = RecordKind::Message(kind);
        self.log
            .append(xid, kind, &[body], Append::BLOCK, |_, _| {})
    }

    /// Appends the end of a transaction and queues it for publishing, in log order. After it
    /// nothing may fail or be cancelled: an error means the log took nothing.
    pub fn commit(&self, request: CommitRequest<'_>) -> Result<Ticket> {
        let dropped = match request.kind {
            EndKind::Commit => request.dropped_files,
            EndKind::Abort => &[],
        };
        self.log
            .append_end(
                request.xid,
                request.kind,
                request.body,
                dropped,
                request.durability,
            )
            .map(Ticket)
    }

    /// Waits until the commit is durable and published. Hold no latch, nor a lock that
    /// [`Hooks::publish`] takes: this thread may be the one that publishes.
    pub fn wait(&self, ticket: Ticket) -> Result<()> {
        self.log.wait_published(ticket.0)
    }

    /// Whether the commit is durable and published.
    pub fn is_published(&self, ticket: Ticket) -> bool {
        self.log.is_published(ticket.0)
    }

    /// Whether the commit is published, durable or not.
    pub fn is_visible(&self, ticket: Ticket) -> bool {
        self.log.is_visible(ticket.0)
    }

    /// Runs `callback` once, after publish, on the flusher's thread or at once on this one; with an
    /// error if the log failed. It must be short and wait for nothing.
    pub fn on_durable(&self, ticket: Ticket, callback: Box<dyn FnOnce(Result<()>) + Send>) {
        self.log.on_published(ticket.0, callback);
    }

    /// Waits until the log is durable up to and with the record at `lsn`.
    pub fn flush(&self, lsn: Lsn) -> Result<()> {
        self.log.flush_to(lsn)
    }

    /// Position behind the last record appended.
    pub fn log_end(&self) -> Lsn {
        Lsn(self.log.tail())
    }
}
