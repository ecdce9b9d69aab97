//! Where one transaction stands in its chain.

use std::sync::Arc;

use common::PageNo;

use super::undo_chain::{ChainRange, UndoChain};
use crate::undo::UndoAddr;

/// Where a transaction stands in its chain.
#[derive(Debug, Default)]
pub struct UndoTail {
    pub(super) chain: Option<Arc<UndoChain>>,
    /// The chain's last page: only its owner adds pages, and purge leaves the last one.
    pub(super) last: Option<(u64, PageNo)>,
    /// Its newest record that was not undone.
    pub(super) tail: UndoAddr,
    /// Its first record.
    pub(super) start: UndoAddr,
    /// Behind its last record.
    pub(super) end: UndoAddr,
    pub(super) pending: Option<Pending>,
}

/// Appends that no mini-transaction is known to have committed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub first: UndoAddr,
    pub tail_before: UndoAddr,
    pub start_before: UndoAddr,
    pub end_before: UndoAddr,
    /// How many pages the chain had.
    pub next_page_before: u64,
}

impl UndoTail {
    pub(crate) fn tail(&self) -> UndoAddr {
        self.tail
    }

    /// The mini-transaction with the appends so far was committed.
    #[inline]
    pub fn confirm(&mut self) {
        self.pending = None;
    }

    /// After a rollback to `tail`: what lies behind it is done with and is skipped by the links.
    pub(crate) fn rewind(&mut self, tail: UndoAddr) {
        self.tail = tail;
    }

    /// All that the transaction wrote; None when it wrote nothing.
    pub(crate) fn range(&self) -> Option<ChainRange> {
        let chain = self.chain.as_ref()?;
        (!self.start.is_none()).then_some(ChainRange {
            chain: chain.number,
            from: self.start,
            to: self.end,
        })
    }

    pub(crate) fn chain_number(&self) -> Option<u16> {
        self.chain.as_ref().map(|chain| chain.number)
    }

    pub(crate) fn recovered(chain: Arc<UndoChain>, tail: UndoAddr, range: ChainRange) -> Self {
        Self {
            last: chain.last(),
            chain: Some(chain),
            tail,
            start: range.from,
            end: range.to,
            pending: None,
        }
    }
}
