//! Reading leaves before a scan comes to them.

use common::{PageId, Result, RowId};
use storage::Wait;
use storage::tree::Seek;

use crate::leaf::row_format::row_key;
use crate::table::Table;

/// Leaves that are asked for at a time.
const LEAVES: usize = 64;

/// How far ahead of a scan leaves have been asked for. It costs a descent every 32 leaves.
#[derive(Clone, Copy, Debug, Default)]
pub struct ScanAhead {
    /// The row at which to ask again; None before the first call.
    next: Option<RowId>,
}

impl ScanAhead {
    /// To be called before each batch of a scan of the rows from `position` to `end`. Nothing is read
    /// for the first batch: it may be the only one.
    pub fn move_to(
        &mut self,
        table: &Table,
        position: RowId,
        end: RowId,
        wait: Wait,
    ) -> Result<()> {
        // Who may not wait reads nothing from the disk.
        if wait == Wait::NoWait {
            return Ok(());
        }
        match self.next {
            None => self.next = Some(RowId(position.0.saturating_add(1))),
            Some(next) if position >= next && position < end => {
                let ahead = table.tree.leaves_ahead(&row_key(position), LEAVES)?;
                table.storage().prefetch(&ahead.pages);
                let next = ahead.next.and_then(|key| key.try_into().ok());
                self.next = Some(RowId(next.map_or(u64::MAX, u64::from_be_bytes)));
            }
            Some(_) => {}
        }
        Ok(())
    }
}

impl Table {
    /// Has the leaves of these rows read into the pool by background threads.
    pub fn prefetch_rows(&self, rows: impl Iterator<Item = RowId>) -> Result<()> {
        let mut pages: Vec<PageId> = Vec::new();
        for row in rows {
            let key = row_key(row);
            let Some(leaf) = self.tree.find_leaf(Seek::Key(&key), Wait::Block)? else {
                return Ok(());
            };
            if pages.last() != Some(&leaf) {
                pages.push(leaf);
            }
        }
        // In the order of the file neighbours are read in one go.
        pages.sort_unstable();
        pages.dedup();
        self.storage().prefetch(&pages);
        Ok(())
    }
}
