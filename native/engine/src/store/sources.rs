//! Open scans of tables and indexes.
//!
//! A source owns what it reads, so that a cursor can keep it between calls. Index scans take entries
//! a leaf at a time and fetch the rows that a snapshot sees; where the leaf cannot vouch for an
//! entry, the row's version decides: it counts only under the entry whose key it has.

use std::sync::Arc;

use common::{Error, Result, RowId};
use index::{Cursor, Entries};
use sql::access::{Direction, IndexBounds, RowRange, RowSource};
use storage::Wait;
use table::{ScanAhead, Table, Which};
use txn::View;
use types::{BATCH_ROWS, Batch, DatumRef, Vector};

use super::bounds::key_range;
use crate::relations::{OpenIndex, Relation};

/// Rows fetched one by one between two looks at the cancel flag: each may come from the disk.
pub(super) const POLL_ROWS: usize = 32;
/// Fewer rows are not worth being read ahead.
const AHEAD_MIN: usize = 8;

/// Columns of `table` as empty vectors.
pub(super) fn vectors(table: &Table, columns: &[u16]) -> Result<Vec<Vector>> {
    let layout = table.layout();
    let vector = |column: &u16| Ok(Vector::new(layout.column(*column)?.physical));
    columns.iter().map(vector).collect()
}

/// A scan of a whole table, or of a range of its rows.
pub struct TableSource {
    relation: Arc<Relation>,
    view: View,
    columns: Vec<u16>,
    position: RowId,
    end: RowId,
    wait: Wait,
    ahead: ScanAhead,
}

impl TableSource {
    pub fn new(
        relation: Arc<Relation>,
        view: View,
        columns: &[u16],
        range: RowRange,
        wait: Wait,
    ) -> Self {
        // A row that is added after the scan began is not seen anyway.
        let end = range.end.min(relation.table.row_id_end());
        Self {
            relation,
            view,
            columns: columns.to_vec(),
            position: range.first,
            end,
            wait,
            ahead: ScanAhead::default(),
        }
    }
}

impl RowSource for TableSource {
    fn next_batch(&mut self, out: &mut Batch, row_ids: &mut Vec<RowId>) -> Result<bool> {
        let view = self.view.clone();
        let (from, to) = (self.position, self.end);
        let table = &self.relation.table;
        self.ahead.move_to(table, from, to, self.wait)?;
        let mut scan = table.scan(view, &self.columns, from, to, self.wait);
        let found = scan.next_batch(out, Some(row_ids))?;
        self.position = scan.position();
        Ok(found)
    }

    fn restart(&mut self, _bounds: &IndexBounds) -> Result<()> {
        Err(Error::internal("a table scan has no bounds"))
    }
}

/// As whom a source reads.
pub struct Reader {
    pub view: View,
    pub wait: Wait,
    /// Told of a cancel request.
    pub backend: Arc<txn::Backend>,
}

/// A scan of a part of an index, in its order.
pub struct IndexSource {
    relation: Arc<Relation>,
    index: Arc<OpenIndex>,
    reader: Reader,
    columns: Vec<u16>,
    cursor: Cursor,
    entries: Entries,
    /// Entries of `entries` that were dealt with.
    at: usize,
    /// Columns to fetch: those asked for, then those of the key that are not among them.
    fetched: Vec<u16>,
    key: Vec<u8>,
    spare: Vec<Vector>,
    /// Pages that the storage had read when the last rows were fetched.
    pages_read: u64,
}

impl IndexSource {
    pub fn new(
        relation: Arc<Relation>,
        index: Arc<OpenIndex>,
        reader: Reader,
        columns: &[u16],
        bounds: &IndexBounds,
        direction: Direction,
    ) -> Result<Self> {
        let range = key_range(&index.keys, bounds)?;
        let cursor = index.index.scan(range, direction_of(direction), false);
        let mut fetched = columns.to_vec();
        for position in &index.keys.positions {
            if !fetched.contains(position) {
                fetched.push(*position);
            }
        }
        let spare = vectors(&relation.table, &fetched)?;
        Ok(Self {
            relation,
            index,
            reader,
            columns: columns.to_vec(),
            cursor,
            entries: Entries::default(),
            at: 0,
            fetched,
            key: Vec::new(),
            spare,
            pages_read: u64::MAX,
        })
    }

    /// Has the rows of the entries read, where the last ones were not all in memory.
    fn read_ahead(&mut self) -> Result<()> {
        let table = &self.relation.table;
        let pages_read = table.storage().pages_read();
        let last = std::mem::replace(&mut self.pages_read, pages_read);
        if pages_read <= last || self.reader.wait == Wait::NoWait || self.entries.len() < AHEAD_MIN
        {
            return Ok(());
        }
        table.prefetch_rows(self.entries.as_slice().iter().map(|entry| entry.row))
    }

    /// Appends the row of entry `at`, if the view sees it under this key.
    fn fetch(&mut self, at: usize, out: &mut Batch) -> Result<bool> {
        let entry = self.entries.as_slice()[at];
        let mut hint = entry.guess;
        let table = &self.relation.table;
        let which = Which::Seen(&self.reader.view);
        if !entry.needs_row_check && self.columns.is_empty() {
            return Ok(true);
        }
        if !entry.needs_row_check {
            return table.fetch(
                which,
                entry.row,
                &mut hint,
                &self.columns,
                &mut out.columns,
                self.reader.wait,
            );
        }
        self.spare.iter_mut().for_each(Vector::clear);
        let (fetched, wait) = (&self.fetched, self.reader.wait);
        if !table.fetch(which, entry.row, &mut hint, fetched, &mut self.spare, wait)? {
            return Ok(false);
        }
        self.key.clear();
        let place = |p: u16| fetched.iter().position(|column| *column == p);
        let spare = &self.spare;
        let value_of = |p: u16| place(p).map_or(DatumRef::Null, |at| spare[at].get(0));
        self.index.keys.encode(value_of, &mut self.key)?;
        if self.key != self.entries.key(&entry) {
            return Ok(false);
        }
        for (to, from) in out.columns.iter_mut().zip(&self.spare) {
            to.append_from(from, 0);
        }
        Ok(true)
    }
}

impl RowSource for IndexSource {
    fn next_batch(&mut self, out: &mut Batch, row_ids: &mut Vec<RowId>) -> Result<bool> {
        row_ids.clear();
        // The columns asked for are the first of `spare`. Who took vectors of `out` away has left
        // others in their place.
        let classes = self.spare.iter().map(Vector::physical);
        let wanted = classes.take(self.columns.len());
        if out.columns.iter().map(Vector::physical).eq(wanted) {
            out.clear();
        } else {
            *out = Batch::new(vectors(&self.relation.table, &self.columns)?, 0);
        }
        while out.len < BATCH_ROWS {
            if self.at == self.entries.len() {
                self.at = 0;
                self.entries.clear();
                let (index, view, wait) = (&self.index.index, &self.reader.view, self.reader.wait);
                let entries = &mut self.entries;
                self.cursor
                    .next_entries(index, view, entries, BATCH_ROWS, wait)?;
                if self.entries.is_empty() {
                    break;
                }
                if !self.columns.is_empty() {
                    self.read_ahead()?;
                }
                continue;
            }
            let at = self.at;
            if at.is_multiple_of(POLL_ROWS) {
                self.reader.backend.check_interrupts()?;
            }
            if self.fetch(at, out)? {
                out.len += 1;
                row_ids.push(self.entries.as_slice()[at].row);
            }
            self.at += 1;
        }
        Ok(out.len > 0)
    }

    fn restart(&mut self, bounds: &IndexBounds) -> Result<()> {
        let range = key_range(&self.index.keys, bounds)?;
        self.cursor.restart(&range);
        self.entries.clear();
        self.at = 0;
        Ok(())
    }
}

fn direction_of(direction: Direction) -> index::Direction {
    match direction {
        Direction::Forward => index::Direction::Forward,
        Direction::Backward => index::Direction::Backward,
    }
}

/// Rows of a relation that is made from the catalog.
pub struct GivenSource {
    rows: Batch,
    at: usize,
}

impl GivenSource {
    /// `rows` has the columns asked for.
    pub fn new(rows: Batch) -> Self {
        Self { rows, at: 0 }
    }
}

impl RowSource for GivenSource {
    fn next_batch(&mut self, out: &mut Batch, row_ids: &mut Vec<RowId>) -> Result<bool> {
        let len = (self.rows.len - self.at).min(BATCH_ROWS);
        row_ids.clear();
        row_ids.extend((self.at..self.at + len).map(|at| RowId(at as u64 + 1)));
        *out = self.rows.slice(self.at, len);
        self.at += len;
        Ok(len > 0)
    }

    fn restart(&mut self, _bounds: &IndexBounds) -> Result<()> {
        Err(Error::internal("a virtual relation has no index"))
    }
}
