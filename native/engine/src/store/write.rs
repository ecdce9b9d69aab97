//! Inserting, updating and deleting rows with their index entries.
//!
//! Order: the row first, then its entries, so that whoever finds an entry finds the row. A failure in
//! between is a failure of the statement: rollback takes row and entries back.

use common::{Error, ObjectId, PageNo, Result, RowId, bail, sqlstate};
use sql::access::{InsertOutcome, Judged, WriteOutcome};
use table::{Expect, RowLock, Which};
use types::{Batch, DatumRef, Vector};

use super::StatementStore;
use super::unique::Added;
use crate::relations::{OpenIndex, Relation};

impl StatementStore {
    pub(super) fn insert_rows(
        &self,
        table: ObjectId,
        rows: &Batch,
        row_ids: &mut Vec<RowId>,
    ) -> Result<()> {
        let relation = self.relation(table)?;
        if rows.len > 1 {
            return self.insert_run(&relation, rows, row_ids);
        }
        for at in 0..rows.len {
            row_ids.push(self.insert_one(&relation, rows, at)?);
        }
        Ok(())
    }

    fn insert_one(&self, relation: &Relation, rows: &Batch, at: usize) -> Result<RowId> {
        let values: Vec<DatumRef<'_>> = rows.columns.iter().map(|column| column.get(at)).collect();
        let inserted = {
            let mut txn = self.txn();
            relation.table.assign_xid(&mut txn)?;
            relation.table.insert(&mut txn, &values, self.wait())?
        };
        for index in &relation.indexes {
            let value_of = |column: u16| values[usize::from(column)];
            self.add_entry(relation, index, inserted.row, inserted.page, value_of)?;
        }
        Ok(inserted.row)
    }

    pub(super) fn add_entry<'a>(
        &self,
        relation: &Relation,
        index: &OpenIndex,
        row: RowId,
        page: PageNo,
        value_of: impl Fn(u16) -> DatumRef<'a> + Copy,
    ) -> Result<()> {
        match self.add_key(relation, index, row, page, value_of)? {
            Added::Done => Ok(()),
            Added::Unsure => self.check_later(relation, index, row),
            Added::Conflict => Err(self.duplicate(relation, index, value_of)),
        }
    }

    pub(super) fn insert_or_conflict(
        &self,
        table: ObjectId,
        rows: &Batch,
        at: usize,
        arbiters: &[ObjectId],
    ) -> Result<InsertOutcome> {
        let relation = self.relation(table)?;
        let arbitrates = |index: &OpenIndex| {
            index.info.unique && (arbiters.is_empty() || arbiters.contains(&index.info.oid))
        };
        let values: Vec<DatumRef<'_>> = rows.columns.iter().map(|column| column.get(at)).collect();
        let value_of = |column: u16| values[usize::from(column)];
        loop {
            for index in relation.indexes.iter().filter(|index| arbitrates(index)) {
                if index.info.deferrable {
                    bail!(
                        sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                        "ON CONFLICT does not support deferrable unique constraints/exclusion \
                         constraints as arbiters"
                    );
                }
                if let Some(row) = self.find_conflict(&relation, index, None, value_of)? {
                    return Ok(InsertOutcome::Conflict(row));
                }
            }
            let txns = self.parts.engine.txns();
            let (inserted, mark) = {
                let mut txn = self.txn();
                relation.table.assign_xid(&mut txn)?;
                let mark = txns.mark(&mut txn)?;
                (relation.table.insert(&mut txn, &values, self.wait())?, mark)
            };
            let mut late = false;
            for index in &relation.indexes {
                let (row, page) = (inserted.row, inserted.page);
                match self.add_key(&relation, index, row, page, value_of)? {
                    Added::Done => {}
                    Added::Unsure => self.check_later(&relation, index, row)?,
                    Added::Conflict if arbitrates(index) => {
                        late = true;
                        break;
                    }
                    Added::Conflict => return Err(self.duplicate(&relation, index, value_of)),
                }
            }
            if !late {
                return Ok(InsertOutcome::Inserted(inserted.row));
            }
            // Taken back before anything is waited for: two such inserts do not wait for each other.
            txns.rollback_to_mark(&mut self.txn(), mark)?;
        }
    }

    pub(super) fn update_row(
        &self,
        table: ObjectId,
        row: RowId,
        positions: &[u16],
        values: &Batch,
        at: usize,
        judged: Judged,
    ) -> Result<WriteOutcome> {
        let relation = self.relation(table)?;
        let mut order: Vec<usize> = (0..positions.len()).collect();
        order.sort_unstable_by_key(|place| positions[*place]);
        let columns: Vec<u16> = order.iter().map(|place| positions[*place]).collect();
        let data: Vec<DatumRef<'_>> = order
            .iter()
            .map(|place| values.columns[*place].get(at))
            .collect();
        let touched: Vec<&OpenIndex> = relation
            .indexes
            .iter()
            .map(AsRef::as_ref)
            .filter(|index| index.keys.reads_any(&columns))
            .collect();
        let new_of = |column: u16| columns.binary_search(&column).ok().map(|place| data[place]);
        loop {
            let old = self.old_keys(&relation, &touched, row, judged)?;
            let Some(old) = old else {
                match self.wait_for_row(&relation, row, judged, false)? {
                    Some(outcome) => return Ok(outcome),
                    None => continue,
                }
            };
            let changed: Vec<&OpenIndex> = touched
                .iter()
                .copied()
                .filter(|index| index.keys.differ(new_of, |p| old.get(p)))
                .collect();
            let is_key_changed = changed.iter().any(|index| index.info.unique);
            let outcome = {
                let mut txn = self.txn();
                let expect = self.expect(judged);
                let wait = self.wait();
                relation.table.update(
                    &mut txn,
                    expect,
                    row,
                    None,
                    &columns,
                    &data,
                    is_key_changed,
                    wait,
                )?
            };
            let page = match self.settle(&relation, row, judged, outcome, is_key_changed)? {
                Settled::Done(page) => page,
                Settled::Outcome(outcome) => return Ok(outcome),
                Settled::Again => continue,
            };
            for index in changed {
                let value_of = |p: u16| new_of(p).unwrap_or_else(|| old.get(p));
                self.add_entry(&relation, index, row, page, value_of)?;
                self.mark_key(index, row, |p| old.get(p))?;
            }
            return Ok(WriteOutcome::Done);
        }
    }

    pub(super) fn delete_row(
        &self,
        table: ObjectId,
        row: RowId,
        judged: Judged,
    ) -> Result<WriteOutcome> {
        let relation = self.relation(table)?;
        let touched: Vec<&OpenIndex> = relation.indexes.iter().map(AsRef::as_ref).collect();
        loop {
            let Some(old) = self.old_keys(&relation, &touched, row, judged)? else {
                match self.wait_for_row(&relation, row, judged, true)? {
                    Some(outcome) => return Ok(outcome),
                    None => continue,
                }
            };
            let outcome = {
                let mut txn = self.txn();
                let expect = self.expect(judged);
                relation
                    .table
                    .delete(&mut txn, expect, row, None, self.wait())?
            };
            match self.settle(&relation, row, judged, outcome, true)? {
                Settled::Done(_) => {}
                Settled::Outcome(outcome) => return Ok(outcome),
                Settled::Again => continue,
            }
            for index in touched {
                self.mark_key(index, row, |p| old.get(p))?;
            }
            return Ok(WriteOutcome::Done);
        }
    }

    fn expect(&self, judged: Judged) -> Expect<'_> {
        match judged {
            Judged::Snapshot => Expect::Seen(&self.view),
            Judged::Newest => Expect::Newest,
        }
    }

    /// Values of the columns that the indexes read, in the version that is to be replaced; None when
    /// there is no such version.
    fn old_keys(
        &self,
        relation: &Relation,
        indexes: &[&OpenIndex],
        row: RowId,
        judged: Judged,
    ) -> Result<Option<OldKeys>> {
        let mut positions: Vec<u16> = indexes
            .iter()
            .flat_map(|index| index.keys.positions.iter().copied())
            .collect();
        positions.sort_unstable();
        positions.dedup();
        let layout = relation.table.layout();
        let mut values = Vec::with_capacity(positions.len());
        for position in &positions {
            values.push(Vector::new(layout.column(*position)?.physical));
        }
        if positions.is_empty() {
            return Ok(Some(OldKeys { positions, values }));
        }
        let which = match judged {
            Judged::Snapshot => Which::Seen(&self.view),
            Judged::Newest => Which::Newest,
        };
        let wait = self.wait();
        let found = relation
            .table
            .fetch(which, row, &mut None, &positions, &mut values, wait)?;
        Ok(found.then_some(OldKeys { positions, values }))
    }

    /// What a refused change means for the statement; waits for whoever is in the way.
    fn settle(
        &self,
        relation: &Relation,
        row: RowId,
        judged: Judged,
        outcome: table::WriteOutcome,
        is_exclusive: bool,
    ) -> Result<Settled> {
        match outcome {
            table::WriteOutcome::Done(page) => Ok(Settled::Done(page)),
            table::WriteOutcome::SelfModified => Ok(Settled::Outcome(WriteOutcome::SelfModified)),
            table::WriteOutcome::Gone => {
                self.check_unchanged("delete")?;
                Ok(Settled::Outcome(WriteOutcome::Gone))
            }
            table::WriteOutcome::Changed | table::WriteOutcome::Blocked { .. } => {
                let outcome = self.wait_for_row(relation, row, judged, is_exclusive)?;
                Ok(outcome.map_or(Settled::Again, Settled::Outcome))
            }
        }
    }

    /// Locks the row that somebody changed or holds; None: the expected version is still the newest.
    fn wait_for_row(
        &self,
        relation: &Relation,
        row: RowId,
        judged: Judged,
        is_exclusive: bool,
    ) -> Result<Option<WriteOutcome>> {
        let mode = match is_exclusive {
            true => txn::RowLockMode::Update,
            false => txn::RowLockMode::NoKeyUpdate,
        };
        let locked = relation.table.lock_row(
            &mut self.txn(),
            &self.writer_view(),
            row,
            mode,
            self.lock_wait(),
            self.wait(),
        )?;
        match locked {
            RowLock::Current => Ok(None),
            RowLock::Changed if judged == Judged::Newest => Ok(None),
            RowLock::Changed => {
                self.check_unchanged("update")?;
                Ok(Some(WriteOutcome::Changed))
            }
            RowLock::SelfModified => Ok(Some(WriteOutcome::SelfModified)),
            RowLock::Gone => {
                self.check_unchanged("delete")?;
                Ok(Some(WriteOutcome::Gone))
            }
            RowLock::NotAvailable => Err(Error::WouldBlock),
        }
    }
}

/// What [`StatementStore::settle`] says.
enum Settled {
    Done(PageNo),
    Outcome(WriteOutcome),
    Again,
}

/// Columns of the version that is replaced.
struct OldKeys {
    positions: Vec<u16>,
    values: Vec<Vector>,
}

impl OldKeys {
    /// The value at a table position that some index reads.
    fn get(&self, position: u16) -> DatumRef<'_> {
        match self.positions.binary_search(&position) {
            Ok(place) => self.values[place].get(0),
            Err(_) => DatumRef::Null,
        }
    }
}
