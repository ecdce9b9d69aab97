//! The executor's `Store`, each method led to its part.

use std::sync::Arc;

use common::{ObjectId, Result, RowId};
use sql::access::{
    ColumnPredicate, DeferredCheck, Direction, Fetched, IndexBounds, InsertOutcome, Isolation,
    Judged, LockOutcome, LockStrength, RowRange, RowSource, Store, TempFile, WaitPolicy,
    WriteOutcome,
};
use sql::ir::TableRules;
use types::{Batch, Datum};

use super::StatementStore;
use super::sources::{GivenSource, IndexSource, TableSource};
use crate::session::Mode;

impl Store for StatementStore {
    fn scan(
        &self,
        table: ObjectId,
        columns: &[u16],
        _predicates: &[ColumnPredicate],
        range: RowRange,
    ) -> Result<Box<dyn RowSource>> {
        if let Some(rows) = self.virtual_rows(table, columns)? {
            return Ok(Box::new(GivenSource::new(rows)));
        }
        let relation = self.relation(table)?;
        let view = self.view.clone();
        Ok(Box::new(TableSource::new(
            relation,
            view,
            columns,
            range,
            self.wait(),
        )))
    }

    fn index_scan(
        &self,
        table: ObjectId,
        index: ObjectId,
        columns: &[u16],
        bounds: &IndexBounds,
        direction: Direction,
        _index_only: bool,
    ) -> Result<Box<dyn RowSource>> {
        let relation = self.relation(table)?;
        let index = relation.index(index)?.clone();
        let reader = self.reader(self.view.clone());
        let source = IndexSource::new(relation, index, reader, columns, bounds, direction)?;
        Ok(Box::new(source))
    }

    fn lookup(
        &self,
        table: ObjectId,
        index: ObjectId,
        key: &[Datum],
        columns: &[u16],
        out: &mut Batch,
    ) -> Result<Option<RowId>> {
        self.lookup_row(table, index, key, columns, out)
    }

    fn fetch(
        &self,
        table: ObjectId,
        row: RowId,
        columns: &[u16],
        out: &mut Batch,
    ) -> Result<Fetched> {
        self.fetch_row(table, row, columns, out, false)
    }

    fn fetch_newest(
        &self,
        table: ObjectId,
        row: RowId,
        columns: &[u16],
        out: &mut Batch,
    ) -> Result<Fetched> {
        self.fetch_row(table, row, columns, out, true)
    }

    fn insert(&self, table: ObjectId, rows: &Batch, row_ids: &mut Vec<RowId>) -> Result<()> {
        self.insert_rows(table, rows, row_ids)
    }

    fn insert_unless_conflict(
        &self,
        table: ObjectId,
        rows: &Batch,
        at: usize,
        arbiters: &[ObjectId],
    ) -> Result<InsertOutcome> {
        self.insert_or_conflict(table, rows, at, arbiters)
    }

    fn update(
        &self,
        table: ObjectId,
        row: RowId,
        positions: &[u16],
        values: &Batch,
        at: usize,
        judged: Judged,
    ) -> Result<WriteOutcome> {
        self.update_row(table, row, positions, values, at, judged)
    }

    fn delete(&self, table: ObjectId, row: RowId, judged: Judged) -> Result<WriteOutcome> {
        self.delete_row(table, row, judged)
    }

    fn lock_row(
        &self,
        table: ObjectId,
        row: RowId,
        strength: LockStrength,
        wait: WaitPolicy,
    ) -> Result<LockOutcome> {
        self.lock_one(table, row, strength, wait)
    }

    fn rules(&self, table: ObjectId) -> Result<Arc<TableRules>> {
        self.table_rules(table)
    }

    fn lock_key(&self, table: ObjectId, index: ObjectId, key: &[Datum]) -> Result<bool> {
        self.lock_unique_key(table, index, key)
    }

    fn newest(&self) -> Result<Arc<dyn Store>> {
        Ok(Arc::new(self.with_newest_view()?))
    }

    fn is_deferred(&self, constraint: ObjectId) -> bool {
        self.parts
            .deferred
            .is_deferred(&self.parts.catalog, constraint)
    }

    fn defer(&self, check: DeferredCheck) -> Result<()> {
        self.parts.deferred.push(check)
    }

    fn due_checks(&self) -> Vec<DeferredCheck> {
        self.parts.deferred.take_due()
    }

    fn check_unique(&self, check: &DeferredCheck) -> Result<()> {
        self.check_unique_later(check)
    }

    fn isolation(&self) -> Isolation {
        self.isolation_level()
    }

    fn charge(&self, bytes: usize) -> Result<()> {
        self.charge_bytes(bytes)
    }

    fn release(&self, bytes: usize) {
        self.release_bytes(bytes);
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.has_room_for(bytes)
    }

    fn work_mem_bytes(&self) -> usize {
        self.parts.work_mem_bytes
    }

    fn temp_file(&self) -> Result<Box<dyn TempFile>> {
        match self.parts.mode {
            // Files are waited for: the statement runs again where it may.
            Mode::Inline => Err(common::Error::WouldBlock),
            Mode::Aside => self.parts.engine.temp_files().create(),
        }
    }

    fn poll(&self) -> Result<()> {
        self.backend.check_interrupts()
    }
}
