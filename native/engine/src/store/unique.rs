//! Adding index keys, with the search for rows that have the same one (PostgreSQL's
//! `_bt_check_unique`).
//!
//! Each equal entry is judged by its row's newest version: one that another active transaction wrote
//! is waited for, since its end decides; a committed or own live row with the key is a conflict; a
//! row that is gone or has another key does not matter. Keys of a deferrable constraint go in at
//! once; where a rival was in sight, the row is checked again at the end of the statement or of the
//! transaction (`unique_key_recheck`).

use common::{Error, PageNo, Result, RowId, sqlstate};
use index::{Judgement, NewEntry, Probe, UniqueOutcome};
use sql::access::{CheckKind, DeferredCheck};
use storage::Wait;
use storage::tree::Purpose;
use table::{Newest, Which};
use types::{DatumRef, Vector};

use super::StatementStore;
use crate::relations::{OpenIndex, Relation};

/// What became of a key.
pub(super) enum Added {
    Done,
    /// Another row has it.
    Conflict,
    /// The key is in, and another row has it or may come to have it: to be checked later.
    Unsure,
}

impl StatementStore {
    /// Adds the key of a row, waiting for rivals where it must be unique.
    pub(super) fn add_key<'a>(
        &self,
        relation: &Relation,
        open: &OpenIndex,
        row: RowId,
        page: PageNo,
        value_of: impl Fn(u16) -> DatumRef<'a> + Copy,
    ) -> Result<Added> {
        let mut key = Vec::with_capacity(64);
        let has_null = open.keys.encode(value_of, &mut key)?;
        let xid = self.backend.xid();
        let entry = NewEntry::new(&key, row, (page != PageNo(0)).then_some(page));
        let purpose = Purpose::Change(self.wait());
        if !open.info.unique || (has_null && !open.keys.nulls_not_distinct) {
            self.sized(open, open.index.insert(xid, &entry, purpose))?;
            return Ok(Added::Done);
        }
        loop {
            let mut judge = |rival: RowId, guess| self.judge(relation, open, &key, rival, guess);
            let outcome = open.index.insert_unique(xid, &entry, &mut judge, purpose);
            match self.sized(open, outcome)? {
                UniqueOutcome::Conflict(_) | UniqueOutcome::MustWait(_) if open.info.deferrable => {
                    self.sized(open, open.index.insert(xid, &entry, purpose))?;
                    return Ok(Added::Unsure);
                }
                UniqueOutcome::Inserted => return Ok(Added::Done),
                UniqueOutcome::Conflict(_) => return Ok(Added::Conflict),
                UniqueOutcome::MustWait(rival) => self.wait_for(rival)?,
                UniqueOutcome::MustFetch { row, guess } => {
                    self.judge_now(relation, open, &key, row, guess, self.wait())?;
                }
            }
        }
    }

    /// Leaves the check of a row's key for later.
    pub(super) fn check_later(
        &self,
        relation: &Relation,
        open: &OpenIndex,
        row: RowId,
    ) -> Result<()> {
        let constraints = self.parts.catalog.constraints_of(relation.info.oid);
        let mut own = constraints.filter(|c| c.index == open.info.oid && c.is_unique());
        let constraint = own.next().map(|constraint| constraint.oid);
        let constraint = constraint
            .ok_or_else(|| Error::internal("a deferrable index without its constraint"))?;
        let check = DeferredCheck {
            constraint,
            table: relation.info.oid,
            kind: CheckKind::Unique,
            row,
            key: Vec::new(),
        };
        match self
            .parts
            .deferred
            .is_deferred(&self.parts.catalog, constraint)
        {
            true => self.parts.deferred.push(check),
            false => self.parts.deferred.push_due(check),
        }
    }

    /// Makes the check of [`StatementStore::check_later`]: 23505 if another row has the key that the
    /// row has now. Both the constraint and the row may be gone by then.
    pub(super) fn check_unique_later(&self, check: &DeferredCheck) -> Result<()> {
        let Some(info) = self.parts.catalog.constraint(check.constraint) else {
            return Ok(());
        };
        let relation = self.relation(check.table)?;
        let open = relation.index(info.index)?;
        let positions = &open.keys.positions;
        let mut values = super::sources::vectors(&relation.table, positions)?;
        let (table, wait) = (&relation.table, self.wait());
        let found = table.fetch_newest(check.row, &mut None, positions, &mut values, wait)?;
        if !matches!(found, Newest::Live(_)) {
            return Ok(());
        }
        let value_of = |position: u16| match positions.binary_search(&position) {
            Ok(at) => values[at].get(0),
            Err(_) => DatumRef::Null,
        };
        match self.find_conflict(&relation, open, Some(check.row), value_of)? {
            Some(_) => Err(self.duplicate(&relation, open, value_of)),
            None => Ok(()),
        }
    }

    /// The live row other than `own` that has the key, after all waiting; None when there is none.
    pub(super) fn find_conflict<'a>(
        &self,
        relation: &Relation,
        open: &OpenIndex,
        own: Option<RowId>,
        value_of: impl Fn(u16) -> DatumRef<'a> + Copy,
    ) -> Result<Option<RowId>> {
        let mut key = Vec::with_capacity(64);
        let has_null = open.keys.encode(value_of, &mut key)?;
        if has_null && !open.keys.nulls_not_distinct {
            return Ok(None);
        }
        loop {
            let wait = self.wait();
            // No latch is held here: pages may be read.
            let mut judge =
                |rival: RowId, guess| self.judge_now(relation, open, &key, rival, guess, wait);
            match open.index.probe_unique(&key, own, &mut judge, wait)? {
                Probe::Free => return Ok(None),
                Probe::Conflict(rival) => return Ok(Some(rival)),
                Probe::MustWait(rival) => self.wait_for(rival)?,
            }
        }
    }

    /// Judges an equal entry. Called under the leaf's latch: what would have to be read from disk is
    /// read after it was let go.
    fn judge(
        &self,
        relation: &Relation,
        open: &OpenIndex,
        key: &[u8],
        rival: RowId,
        guess: Option<PageNo>,
    ) -> Result<Judgement> {
        match self.judge_now(relation, open, key, rival, guess, Wait::NoWait) {
            Err(Error::WouldBlock) => Ok(Judgement::Retry),
            judged => judged,
        }
    }

    /// As [`StatementStore::judge`] with pages read as `wait` says.
    pub(super) fn judge_now(
        &self,
        relation: &Relation,
        open: &OpenIndex,
        key: &[u8],
        rival: RowId,
        mut guess: Option<PageNo>,
        wait: Wait,
    ) -> Result<Judgement> {
        let positions = &open.keys.positions;
        let layout = relation.table.layout();
        let mut values = Vec::with_capacity(positions.len());
        for position in positions {
            values.push(Vector::new(layout.column(*position)?.physical));
        }
        // Writer and values of one version: were they read apart, a rival could move its key away
        // in between, and bring it back by rolling back.
        let table = &relation.table;
        let found = table.fetch_newest(rival, &mut guess, positions, &mut values, wait)?;
        let (Newest::Live(writer) | Newest::Deleted(writer)) = found else {
            return Ok(Judgement::Gone);
        };
        let txns = self.parts.engine.txns();
        if !self.is_own(writer.xid) && txns.is_active(writer.xid) {
            return Ok(Judgement::Wait(writer.xid));
        }
        if let Newest::Deleted(_) = found {
            return Ok(Judgement::Gone);
        }
        let mut newest = Vec::with_capacity(key.len());
        open.keys.encode(
            |p| {
                positions
                    .binary_search(&p)
                    .map_or(DatumRef::Null, |at| values[at].get(0))
            },
            &mut newest,
        )?;
        Ok(if newest == key {
            Judgement::Live
        } else {
            Judgement::Gone
        })
    }

    fn is_own(&self, xid: common::Xid) -> bool {
        self.backend.xid() == xid
    }

    /// The row's newest version has this key no longer.
    pub(super) fn mark_key<'a>(
        &self,
        open: &OpenIndex,
        row: RowId,
        value_of: impl Fn(u16) -> DatumRef<'a>,
    ) -> Result<()> {
        let mut key = Vec::with_capacity(64);
        open.keys.encode(value_of, &mut key)?;
        let purpose = Purpose::Change(self.wait());
        open.index.mark(self.backend.xid(), &key, row, purpose)?;
        Ok(())
    }

    /// Names the index in the error of a key that is too long.
    fn sized<T>(&self, open: &OpenIndex, result: Result<T>) -> Result<T> {
        result.map_err(|error| match error {
            Error::Sql(mut error) if error.state == sqlstate::PROGRAM_LIMIT_EXCEEDED => {
                error.message = format!("{} for index \"{}\"", error.message, open.info.name);
                Error::Sql(error)
            }
            other => other,
        })
    }

    /// 23505 of an index build, for the row that has a key twice.
    pub fn duplicate_in_build(
        &self,
        relation: &Relation,
        open: &OpenIndex,
        row: RowId,
    ) -> Result<Error> {
        let positions = &open.keys.positions;
        let mut values = super::sources::vectors(&relation.table, positions)?;
        let table = &relation.table;
        table.fetch(
            Which::Newest,
            row,
            &mut None,
            positions,
            &mut values,
            Wait::Block,
        )?;
        let error = self.duplicate(relation, open, |p| {
            positions
                .binary_search(&p)
                .map_or(DatumRef::Null, |at| values[at].get(0))
        });
        let Error::Sql(mut error) = error else {
            return Ok(error);
        };
        error.message = format!("could not create unique index \"{}\"", open.info.name);
        error.detail = error
            .detail
            .map(|d| d.replace("already exists", "is duplicated"));
        Ok(Error::Sql(error))
    }

    /// 23505, with the key in words.
    pub(super) fn duplicate<'a>(
        &self,
        relation: &Relation,
        open: &OpenIndex,
        value_of: impl Fn(u16) -> DatumRef<'a>,
    ) -> Error {
        let names: Vec<&str> = open.info.keys.iter().map(|key| key.name.as_str()).collect();
        let text = types::TextContext::default();
        let mut values = Vec::new();
        for column in &open.keys.columns {
            let mut shown = Vec::new();
            let ty = relation.info.columns[usize::from(column.position)].ty;
            let value = value_of(column.position);
            let ty = crate::relations::sql_type(ty);
            match value {
                DatumRef::Null => shown.extend_from_slice(b"null"),
                value => drop(types::format_text(ty, value, &text, &mut shown)),
            }
            values.push(String::from_utf8_lossy(&shown).into_owned());
        }
        let schema = self.parts.catalog.schema(relation.info.schema);
        let schema = schema.map_or("", |schema| schema.name.as_str());
        Error::new(
            sqlstate::UNIQUE_VIOLATION,
            format!(
                "duplicate key value violates unique constraint \"{}\"",
                open.info.name
            ),
        )
        .with_detail(format!(
            "Key ({})=({}) already exists.",
            names.join(", "),
            values.join(", ")
        ))
        .with_table(schema, &relation.info.name)
        .with_constraint(&open.info.name)
    }
}
