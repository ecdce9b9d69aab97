//! Single rows.

use common::{Error, ObjectId, Result, RowId};
use index::Judgement;
use sql::access::Fetched;
use table::Which;
use types::{Batch, Datum};

use super::StatementStore;
use super::sources::IndexSource;

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
        let mut bytes = Vec::with_capacity(64);
        for (column, value) in open.keys.columns.iter().zip(key) {
            column.encode(value.as_ref(), &mut bytes)?;
        }
        // One entry that its leaf vouches for is the common case; else all versions are looked at.
        let mut hits = index::Hits::new();
        open.index
            .lookup(&bytes, &self.view, &mut hits, self.wait())?;
        match hits.as_slice() {
            [] => return Ok(None),
            [hit] if !hit.needs_row_check => {
                let (which, mut guess) = (Which::Seen(&self.view), hit.guess);
                let (row, wait, vectors) = (hit.row, self.wait(), &mut out.columns);
                let table = &relation.table;
                let found = table.fetch(which, row, &mut guess, columns, vectors, wait)?;
                out.len += usize::from(found);
                return Ok(found.then_some(row));
            }
            _ => {}
        }
        let bounds = sql::access::IndexBounds {
            prefix: key.iter().cloned().collect(),
            ..Default::default()
        };
        let mut source = IndexSource::new(
            relation.clone(),
            open.clone(),
            self.reader(self.view.clone()),
            columns,
            &bounds,
            sql::access::Direction::Forward,
        )?;
        let (mut rows, mut ids) = (Batch::default(), Vec::new());
        use sql::access::RowSource;
        if !source.next_batch(&mut rows, &mut ids)? {
            return Ok(None);
        }
        if ids.len() > 1 {
            return Err(Error::corrupted(format!(
                "unique index \"{}\" has a key twice",
                open.info.name
            )));
        }
        out.append_all(&rows);
        Ok(Some(ids[0]))
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
