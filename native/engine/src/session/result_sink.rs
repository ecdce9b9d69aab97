//! Where a statement's answer goes: implemented by the encoders of the protocols.

use std::ops::Range;

use common::Result;
use sql::ir::OutputColumn;
use types::Batch;

/// Layout of a COPY stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyShape {
    pub columns: usize,
    pub is_binary: bool,
}

/// Takes an answer piece by piece, in the order of the calls. Nothing in it may wait: a sink that
/// has enough says so by [`ResultSink::is_full`], and the statement pauses.
pub trait ResultSink {
    /// The rows that follow have these columns.
    fn columns(&mut self, columns: &[OutputColumn]);

    /// Some rows of a batch, which has one column for each announced.
    fn rows(&mut self, columns: &[OutputColumn], batch: &Batch, rows: Range<usize>) -> Result<()>;

    /// Whether to pause before more rows.
    fn is_full(&self) -> bool;

    /// The statement has ended well; `tag` is PostgreSQL's command tag.
    fn complete(&mut self, tag: &str);

    /// The text held no statement.
    fn empty(&mut self);

    /// The portal has given as many rows as were asked for, and may have more.
    fn suspended(&mut self);

    /// The client is to send COPY data.
    fn copy_in(&mut self, shape: CopyShape);

    /// COPY data follows.
    fn copy_out(&mut self, shape: CopyShape);

    /// One row of COPY data.
    fn copy_data(&mut self, row: &[u8]);

    /// The COPY data has ended.
    fn copy_done(&mut self);
}
