//! Single rows.

use std::sync::Arc;

use common::{Error, ObjectId, Result, RowId};
use index::Judgement;
use sql::access::{Direction, Fetched, IndexBounds, RowSource};
use storage::Wait;
use table::Which;
use txn::{Backend, View};
use types::{Batch, Datum};

use super::StatementStore;
use super::sources::{IndexSource, Reader};
use crate::relations::{OpenIndex, Relation};

/// Finds rows by whole unique keys.
pub struct KeyReader<'a> {
    pub relation: &'a Arc<Relation>,
    /// A unique index of it.
    pub open: &'a Arc<OpenIndex>,
    pub view: &'a View,
    pub wait: Wait,
    pub backend: &'a Arc<Backend>,
}

impl KeyReader<'_> {
    /// Appends the visible row with this key to `out`; `bytes` is a buffer.
    pub fn lookup(
        &self,
        key: &[Datum],
        columns: &[u16],
        bytes: &mut Vec<u8>,
        out: &mut Batch,
    ) -> Result<Option<RowId>> {
        let Self {
            relation,
            open,
            view,
            wait,
            ..
        } = *self;
        bytes.clear();
        for (column, value) in open.keys.columns.iter().zip(key) {
            column.encode(value.as_ref(), bytes)?;
        }
        // One entry that its leaf vouches for is the common case; else all versions are looked at.
        let mut hits = index::Hits::new();
        open.index.lookup(bytes, view, &mut hits, wait)?;
        match hits.as_slice() {
            [] => Ok(None),
            [hit] if !hit.needs_row_check => {
                let (which, mut guess) = (Which::Seen(view), hit.guess);
                let (row, vectors) = (hit.row, &mut out.columns);
                let table = &relation.table;
                let found = table.fetch(which, row, &mut guess, columns, vectors, wait)?;
                out.len += usize::from(found);
                Ok(found.then_some(row))
            }
            _ => self.lookup_checked(key, columns, out),
        }
    }

    /// As [`KeyReader::lookup`], by the versions of all rows that have had the key.
    #[cold]
    fn lookup_checked(
        &self,
        key: &[Datum],
        columns: &[u16],
        out: &mut Batch,
    ) -> Result<Option<RowId>> {
        let bounds = IndexBounds {
            prefix: key.iter().cloned().collect(),
            ..Default::default()
        };
        let reader = Reader {
            view: self.view.clone(),
            wait: self.wait,
            backend: self.backend.clone(),
        };
        let mut source = IndexSource::new(
            self.relation.clone(),
            self.open.clone(),
            reader,
            columns,
            &bounds,
            Direction::Forward,
        )?;
        let (mut rows, mut ids) = (Batch::default(), Vec::new());
        if !source.next_batch(&mut rows, &mut ids)? {
            return Ok(None);
        }
        if ids.len() > 1 {
            return Err(Error::corrupted(format!(
                "unique index \"{}\" has a key twice",
                self.open.info.name
            )));
        }
        out.append_all(&rows);
        Ok(Some(ids[0]))
    }
}

impl StatementStore {
    /// The visible row with a whole unique key.
    pub(super) fn lookup_row(
        &self,
        table: ObjectId,
        index: ObjectId,
        key: &[Datum],
        columns: &[u16],
        out: &mut Batch,
    ) -> Result<Option<RowId>> {
        let relation = self.relation(table)?;
        let open = relation.index(index)?;
        let reader = KeyReader {
            relation: &relation,
            open,
            view: &self.view,
            wait: self.wait(),
            backend: &self.backend,
        };
        reader.lookup(key, columns, &mut Vec::with_capacity(64), out)
    }

    pub(super) fn fetch_row(
        &self,
        table: ObjectId,
        row: RowId,
        columns: &[u16],
        out: &mut Batch,
        newest: bool,
    ) -> Result<Fetched> {
        let relation = self.relation(table)?;
        let which = if newest {
            Which::Newest
        } else {
            Which::Seen(&self.view)
        };
        let wait = self.wait();
        let vectors = &mut out.columns;
        if !relation
            .table
            .fetch(which, row, &mut None, columns, vectors, wait)?
        {
            return Ok(Fetched::Missing);
        }
        out.len += 1;
        Ok(Fetched::Found)
    }

    /// Locks the newest version of the row that has a unique key, so that the key stays.
    pub(super) fn lock_unique_key(
        &self,
        table: ObjectId,
        index: ObjectId,
        key: &[Datum],
    ) -> Result<bool> {
        let relation = self.relation(table)?;
        let open = relation.index(index)?;
        let mut bytes = Vec::with_capacity(64);
        for (column, value) in open.keys.columns.iter().zip(key) {
            column.encode(value.as_ref(), &mut bytes)?;
        }
        loop {
            let value_of = |p: u16| {
                let at = open
                    .keys
                    .columns
                    .iter()
                    .position(|column| column.position == p);
                at.map_or(types::DatumRef::Null, |at| key[at].as_ref())
            };
            let Some(row) = self.find_conflict(&relation, open, None, value_of)? else {
                return Ok(false);
            };
            let outcome = relation.table.lock_row(
                &mut self.txn(),
                &self.writer_view(),
                row,
                txn::RowLockMode::KeyShare,
                self.lock_wait(),
                self.wait(),
            )?;
            match outcome {
                table::RowLock::NotAvailable => return Err(Error::WouldBlock),
                table::RowLock::Gone => continue,
                _ => {}
            }
            // Between finding and locking, the key may have moved.
            match self.judge_now(&relation, open, &bytes, row, None, self.wait())? {
                Judgement::Live => return Ok(true),
                _ => continue,
            }
        }
    }
}
