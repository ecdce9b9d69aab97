//! Reading all rows of a range.
//!
//! A leaf is read under its shared latch, as many rows at once as fit the batch, column by column. A
//! leaf whose `max_xid` lies below the snapshot's `xmin` and that has no deleted row is copied
//! without a look at its rows; else each row's word decides. A row whose newest version is not seen,
//! or that has a value in an overflow chain, is copied aside; the latch is let go, the version found,
//! and the scan goes on behind the row.

use std::ops::Range;
use std::sync::Arc;

use common::{PageNo, Result, RowId};
use storage::tree::{Seek, page};
use storage::{Wait, page_header};
use txn::View;
use types::{BATCH_ROWS, Batch, Vector};

use crate::column_sink::ColumnSink;
use crate::layout::Layout;
use crate::leaf::geometry::{bit, deleted_count};
use crate::leaf::leaf_ref::{ColumnRef, LeafRef};
use crate::leaf::row_format::row_key;
use crate::table::Table;
use crate::version::RowCopy;

/// A scan in progress. It holds no latch and no page between two calls.
pub struct TableScan<'t> {
    table: &'t Table,
    view: View,
    columns: Vec<u16>,
    layout: Arc<Layout>,
    /// The next row to look at.
    position: RowId,
    /// The first row not to look at.
    end: RowId,
    hint: Option<PageNo>,
    wait: Wait,
    /// Own undo records up to this address (of the one chain that a transaction has) are seen.
    own_seen: u64,
}

impl Table {
    /// Reads the rows `from..to` that `view` sees, in order of their ids.
    pub fn scan(
        &self,
        view: View,
        columns: &[u16],
        from: RowId,
        to: RowId,
        wait: Wait,
    ) -> TableScan<'_> {
        TableScan {
            table: self,
            view,
            columns: columns.to_vec(),
            layout: self.layout(),
            position: from,
            // A row that is added after the scan began is not seen anyway.
            end: to.min(self.row_id_end()),
            hint: None,
            wait,
            own_seen: 0,
        }
    }
}

/// Where the rows go.
struct Target<'o> {
    sinks: Vec<ColumnSink>,
    len: usize,
    row_ids: Option<&'o mut Vec<RowId>>,
}

/// One leaf while it is latched.
struct LeafPass<'p> {
    leaf: LeafRef<'p>,
    columns: Vec<Option<ColumnRef<'p>>>,
}

impl TableScan<'_> {
    /// Where the scan stands: rows below are done with.
    pub fn position(&self) -> RowId {
        self.position
    }

    /// Replaces the content of `out` by the next rows, at most [`BATCH_ROWS`]; false when there are
    /// none left. With `row_ids` their ids are put there. After [`common::Error::WouldBlock`] the
    /// call can be repeated: no row is lost, `out` is empty then.
    pub fn next_batch(
        &mut self,
        out: &mut Batch,
        mut row_ids: Option<&mut Vec<RowId>>,
    ) -> Result<bool> {
        self.shape(out)?;
        if let Some(ids) = &mut row_ids {
            ids.clear();
        }
        let sinks = out.columns.iter_mut().map(ColumnSink::take).collect();
        let mut target = Target {
            sinks,
            len: 0,
            row_ids,
        };
        let start = (self.position, self.hint);
        let result = self.fill(&mut target);
        out.len = target.len;
        for (sink, vector) in target.sinks.into_iter().zip(&mut out.columns) {
            sink.put_back(vector);
        }
        if let Err(error) = result {
            (self.position, self.hint) = start;
            out.clear();
            return Err(error);
        }
        Ok(out.len > 0)
    }

    /// Empties a batch, and makes it one of the scan's columns: whoever had it may have taken its
    /// vectors.
    fn shape(&self, out: &mut Batch) -> Result<()> {
        let columns = self.columns.iter();
        let classes = columns.map(|column| Ok(self.layout.column(*column)?.physical));
        let fits =
            out.columns.len() == self.columns.len()
                && out.columns.iter().zip(classes.clone()).all(
                    |(vector, class): (_, Result<_>)| {
                        class.is_ok_and(|class| class == vector.physical())
                    },
                );
        if fits {
            out.clear();
            return Ok(());
        }
        out.len = 0;
        out.columns = classes
            .map(|class| Ok(Vector::with_capacity(class?, BATCH_ROWS)))
            .collect::<Result<_>>()?;
        Ok(())
    }

    fn fill(&mut self, target: &mut Target<'_>) -> Result<()> {
        while target.len < BATCH_ROWS && self.position < self.end {
            let Some((row, mut copy)) = self.pass(target)? else {
                continue;
            };
            let (is_own, addr) = (copy.word.xid() == self.view.own, copy.undo.0);
            if copy.go_back_to(&self.view, &self.columns, self.table, self.wait)? {
                if is_own && copy.undo.0 == addr && copy.word.xid() == self.view.own {
                    self.own_seen = self.own_seen.max(addr);
                }
                self.push_copy(&copy, row, target)?;
            }
        }
        Ok(())
    }

    fn push_copy(&self, copy: &RowCopy, row: RowId, target: &mut Target<'_>) -> Result<()> {
        for (place, sink) in target.sinks.iter_mut().enumerate() {
            self.table
                .push_copied(&self.layout, copy, &self.columns, place, sink, self.wait)?;
        }
        target.len += 1;
        if let Some(ids) = &mut target.row_ids {
            ids.push(row);
        }
        Ok(())
    }

    /// Takes rows of one leaf, up to its end, the batch's, or a row that needs more than the leaf:
    /// that one is given back as a copy.
    fn pass(&mut self, target: &mut Target<'_>) -> Result<Option<(RowId, RowCopy)>> {
        let key = row_key(self.position);
        let (hint, wait, table) = (self.hint.take(), self.wait, self.table);
        table
            .tree
            .read_leaf(hint, Seek::Key(&key), wait, |no, bytes| {
                let leaf = table.leaf(bytes)?;
                let columns = self
                    .columns
                    .iter()
                    .map(|column| leaf.column(usize::from(*column)));
                let columns = columns.collect::<Result<_>>()?;
                let pass = LeafPass { leaf, columns };
                let end = leaf.lower_bound(self.end);
                let mut row = leaf.lower_bound(self.position);
                let stop = end.min(row + BATCH_ROWS - target.len);
                let xmin = self.view.snapshot.xmin;
                let is_clean = page_header::max_xid(bytes) < xmin && deleted_count(bytes) == 0;
                while row < stop {
                    let seen = if is_clean {
                        stop
                    } else {
                        self.seen_run(&leaf, row..stop)
                    };
                    let run = row..pass.inline_end(row..seen)?;
                    row = run.end;
                    pass.push(run, &self.layout, &self.columns, target)?;
                    if row == stop {
                        break;
                    }
                    let word = leaf.word(row);
                    if word.is_deleted() && self.view.snapshot.sees(word.xid()) {
                        row += 1;
                        continue;
                    }
                    let id = leaf.row_id(row);
                    self.position = RowId(id.0 + 1);
                    self.hint = Some(no);
                    return Ok(Some((id, RowCopy::newest(&leaf, row, &self.columns)?)));
                }
                self.advance(&leaf, row, end, no);
                Ok(None)
            })
    }

    /// Moves on to `row` of the leaf, or behind the leaf.
    fn advance(&mut self, leaf: &LeafRef<'_>, row: usize, end: usize, no: PageNo) {
        if row < end {
            self.position = leaf.row_id(row);
            self.hint = Some(no);
            return;
        }
        let high = page::high_fence(leaf.page).and_then(|high| high.try_into().ok());
        let high = RowId(high.map_or(u64::MAX, u64::from_be_bytes));
        self.position = high.max(self.position).min(self.end);
        self.hint = page::right(leaf.page);
    }

    /// The end of the rows from the start of `rows` whose newest versions are seen and no deletions.
    fn seen_run(&self, leaf: &LeafRef<'_>, rows: Range<usize>) -> usize {
        let (snapshot, own) = (&self.view.snapshot, self.view.own);
        let xmin = snapshot.xmin.0;
        let mut row = rows.start;
        while row < rows.end {
            let word = leaf.word(row);
            // Flags make a word greater than any xid: one comparison for both.
            if word.0 < xmin {
                row += 1;
                continue;
            }
            let is_seen = snapshot.sees(word.xid())
                || (word.xid() == own && own.0 != 0 && leaf.undo(row) <= self.own_seen);
            if word.is_deleted() || !is_seen {
                break;
            }
            row += 1;
        }
        row
    }
}

impl LeafPass<'_> {
    /// The end of the rows from the start of `rows` that have no value in an overflow chain.
    fn inline_end(&self, rows: Range<usize>) -> Result<usize> {
        let mut end = rows.end;
        for column in self.columns.iter().flatten() {
            if column.place.width.is_fixed() {
                continue;
            }
            let is_overflow = |row: &usize| {
                column.has_overflow(*row) && !(column.place.may_null && bit(column.nulls, *row))
            };
            end = (rows.start..end).find(is_overflow).unwrap_or(end);
        }
        Ok(end)
    }

    fn push(
        &self,
        rows: Range<usize>,
        layout: &Layout,
        numbers: &[u16],
        target: &mut Target<'_>,
    ) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        for ((column, sink), number) in self.columns.iter().zip(&mut target.sinks).zip(numbers) {
            match column {
                Some(column) => sink.push_run(&self.leaf, column, rows.clone())?,
                None => {
                    for _ in rows.clone() {
                        sink.push(layout.missing(*number))?;
                    }
                }
            }
        }
        if let Some(ids) = &mut target.row_ids {
            ids.extend(rows.clone().map(|row| self.leaf.row_id(row)));
        }
        target.len += rows.len();
        Ok(())
    }
}
