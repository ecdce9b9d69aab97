//! The work that DDL does on files and rows.

use std::sync::Arc;

use catalog::{CatalogChange, Object};
use common::{Error, FileId, ObjectId, Result, RowId, err, sqlstate};
use index::{FILLFACTOR_DEFAULT, NewEntry};
use sql::access::Store;
use sql::ddl::{Action, DdlPlan, FileKind};
use sql::executor::RowExpressions;
use sql::ir::{ColumnId, Expr};
use storage::Wait;
use table::{ScanAhead, Table};
use types::{Batch, DatumRef};

use crate::index_build::IndexEntries;
use crate::relations::{Relation, layout_of, note_persistence};
use crate::sequences::SequenceState;
use crate::session::SessionFacts;
use crate::store::StatementStore;

/// Carries out actions with the transaction of a statement.
pub struct DdlActions<'a> {
    pub store: &'a StatementStore,
    pub facts: &'a SessionFacts,
}

impl DdlActions<'_> {
    pub fn run(&self, action: Action) -> Result<()> {
        match action {
            Action::CreateFile { file, owner, kind } => self.create_file(file, owner, kind),
            Action::BuildIndex {
                index,
                concurrently: _,
            } => self.build_index(index),
            Action::RewriteTable { table, old, values } => self.rewrite(table, &old, &values),
            Action::CheckNotNull { table, position } => self.check_not_null(table, position),
            Action::CheckConstraint { table, constraint } => self.check(table, constraint),
            Action::SetSequence { sequence, value } => {
                let info = self.store.parts().catalog.sequence(sequence).cloned();
                let info = info.ok_or_else(|| Error::internal("no such sequence"))?;
                let state = SequenceState {
                    value,
                    is_called: false,
                };
                self.store
                    .parts()
                    .engine
                    .sequences()
                    .restart(info.file, state, Wait::Block)
            }
            Action::DropFile(_) | Action::Insert(_) | Action::CheckForeignKey { .. } => {
                Err(Error::internal("an action that the session runs itself"))
            }
        }
    }

    fn create_file(&self, file: FileId, owner: ObjectId, kind: FileKind) -> Result<()> {
        let parts = self.store.parts();
        let (engine, catalog) = (&parts.engine, &parts.catalog);
        let missing = || Error::internal(format!("no object {owner} for a new file"));
        match kind {
            FileKind::Table => {
                let info = catalog.table(owner).ok_or_else(missing)?;
                let layout = layout_of(info)?;
                let (storage, txns) = (engine.storage(), engine.txns());
                let table = Table::create_in(storage, txns, file, layout)?;
                note_persistence(&table, info);
                engine.add_table(Arc::new(table));
            }
            FileKind::Index => {
                let info = catalog.index(owner).ok_or_else(missing)?;
                let (storage, txns) = (engine.storage(), engine.txns());
                let index = index::Index::create_in(storage, txns, file, &info.name)?;
                engine.relations().add_index(Arc::new(index));
            }
            FileKind::Sequence => {
                let info = catalog.sequence(owner).ok_or_else(missing)?;
                let state = SequenceState {
                    value: info.start,
                    is_called: false,
                };
                engine.sequences().create_in(file, state)?;
            }
        }
        Ok(())
    }

    /// All rows that the newest snapshot sees, a batch at a time.
    fn each_batch(
        &self,
        relation: &Relation,
        columns: &[u16],
        mut visit: impl FnMut(&Batch, &[RowId]) -> Result<()>,
    ) -> Result<()> {
        let view = self.store.newest_view()?;
        let end = RowId(u64::MAX);
        let mut scan = relation
            .table
            .scan(view, columns, RowId(0), end, Wait::Block);
        let (mut batch, mut ids) = (Batch::default(), Vec::new());
        let mut ahead = ScanAhead::default();
        ahead.move_to(&relation.table, scan.position(), end, Wait::Block)?;
        while scan.next_batch(&mut batch, Some(&mut ids))? {
            self.store.poll()?;
            ahead.move_to(&relation.table, scan.position(), end, Wait::Block)?;
            visit(&batch, &ids)?;
        }
        Ok(())
    }

    fn build_index(&self, oid: ObjectId) -> Result<()> {
        let catalog = &self.store.parts().catalog;
        let info = catalog
            .index(oid)
            .ok_or_else(|| Error::internal("no such index"))?;
        let relation = self.store.open_relation(info.table)?;
        let open = relation.index(oid)?.clone();
        let mut entries = IndexEntries::new(self.store);
        let positions = open.keys.positions.clone();
        let mut key = Vec::new();
        self.each_batch(&relation, &positions, |batch, ids| {
            for (at, row) in ids.iter().enumerate() {
                key.clear();
                let value_of = |p: u16| match positions.binary_search(&p) {
                    Ok(place) => batch.get(place, at),
                    Err(_) => DatumRef::Null,
                };
                let has_null = open.keys.encode(value_of, &mut key)?;
                entries.push(&key, *row, has_null)?;
            }
            Ok(())
        })?;
        let xid = self.store.parts().txn.lock().xid();
        let mut builder = open.index.bulk(xid, FILLFACTOR_DEFAULT)?;
        // The last key, where an equal one would be its duplicate.
        let (mut last, mut is_unique_key) = (Vec::new(), false);
        entries.for_each(|key, row, has_null| {
            if info.unique {
                if is_unique_key && last == key {
                    return Err(self.store.duplicate_in_build(&relation, &open, row)?);
                }
                is_unique_key = open.keys.nulls_not_distinct || !has_null;
                last.clear();
                last.extend_from_slice(key);
            }
            builder.push(&NewEntry::new(key, row, None))
        })?;
        builder.finish()?;
        Ok(())
    }

    /// Copies the rows of the table's old file into its new one.
    fn rewrite(&self, oid: ObjectId, old: &catalog::Table, values: &[(u16, Expr)]) -> Result<()> {
        let relation = self.store.open_relation(oid)?;
        let engine = &self.store.parts().engine;
        let old_width = old.columns.len() as u16;
        // By its definition: it may have columns that nobody has read yet.
        let old = engine.relations().open_table(old)?;
        let ids: Vec<ColumnId> = (0..old_width).map(|at| ColumnId(at.into())).collect();
        let exprs: Vec<Expr> = values.iter().map(|(_, expr)| expr.clone()).collect();
        let compiled = RowExpressions::compile(&exprs, &ids)?;
        let view = self.store.newest_view()?;
        let columns: Vec<u16> = (0..old_width).collect();
        let mut scan = old.scan(view, &columns, RowId(0), RowId(u64::MAX), Wait::Block);
        let mut batch = Batch::default();
        let mut ahead = ScanAhead::default();
        while scan.next_batch(&mut batch, None)? {
            self.store.poll()?;
            ahead.move_to(&old, scan.position(), RowId(u64::MAX), Wait::Block)?;
            let computed = compiled.eval(&batch, self.facts.text(), Some(self.facts))?;
            let width = relation.table.layout().columns().len();
            let mut next = Vec::with_capacity(width);
            for position in 0..width {
                let place = values.iter().position(|(p, _)| usize::from(*p) == position);
                next.push(match place {
                    Some(place) => computed[place].clone().into_flat(),
                    None => {
                        let physical = relation.table.layout().column(position as u16)?.physical;
                        types::Vector::nulls_of(physical, batch.len).into_flat()
                    }
                });
            }
            let rows = Batch::new(next, batch.len);
            self.check_rows(oid, &rows)?;
            let mut txn = self.store.parts().txn.lock();
            let (columns, leaves) = (&rows.columns, &mut Vec::new());
            let table = &relation.table;
            table.insert_many(&mut txn, columns, 0..rows.len, leaves, Wait::Block)?;
        }
        Ok(())
    }

    /// NOT NULL and CHECK of rows that a rewrite makes.
    fn check_rows(&self, oid: ObjectId, rows: &Batch) -> Result<()> {
        let rules = self.store.rules(oid)?;
        for column in rules.table.live_columns().filter(|column| column.not_null) {
            let vector = &rows.columns[column.attnum as usize - 1];
            if vector.has_nulls() {
                return Err(contains_nulls(&rules.table, column));
            }
        }
        let ids: Vec<ColumnId> = (0..rules.types.len() as u32).map(ColumnId).collect();
        for check in &rules.checks {
            let compiled = RowExpressions::compile(std::slice::from_ref(&check.condition), &ids)?;
            let held = compiled.eval(rows, self.facts.text(), Some(self.facts))?;
            let violates = |at: usize| held[0].get(at) == DatumRef::Bool(false);
            if (0..rows.len).any(violates) {
                return Err(violated_by_some_row(&rules.table.name, &check.name));
            }
        }
        Ok(())
    }

    fn check_not_null(&self, oid: ObjectId, position: u16) -> Result<()> {
        let relation = self.store.open_relation(oid)?;
        self.each_batch(&relation, &[position], |batch, _| {
            match batch.columns[0].has_nulls() {
                true => {
                    let column = &relation.info.columns[usize::from(position)];
                    Err(contains_nulls(&relation.info, column))
                }
                false => Ok(()),
            }
        })
    }

    fn check(&self, oid: ObjectId, constraint: ObjectId) -> Result<()> {
        let relation = self.store.open_relation(oid)?;
        let rules = self.store.rules(oid)?;
        let info = self.store.parts().catalog.constraint(constraint).cloned();
        let info = info.ok_or_else(|| Error::internal("no such constraint"))?;
        let Some(check) = rules.checks.iter().find(|check| check.name == info.name) else {
            return Ok(());
        };
        let columns: Vec<u16> = (0..rules.types.len() as u16).collect();
        let ids: Vec<ColumnId> = columns.iter().map(|at| ColumnId((*at).into())).collect();
        let compiled = RowExpressions::compile(std::slice::from_ref(&check.condition), &ids)?;
        self.each_batch(&relation, &columns, |batch, _| {
            let held = compiled.eval(batch, self.facts.text(), Some(self.facts))?;
            match (0..batch.len).any(|at| held[0].get(at) == DatumRef::Bool(false)) {
                true => Err(violated_by_some_row(&rules.table.name, &check.name)),
                false => Ok(()),
            }
        })
    }
}

fn contains_nulls(table: &catalog::Table, column: &catalog::Column) -> Error {
    err!(
        sqlstate::NOT_NULL_VIOLATION,
        "column \"{}\" of relation \"{}\" contains null values",
        column.name,
        table.name
    )
    .with_column(&column.name)
}

fn violated_by_some_row(table: &str, constraint: &str) -> Error {
    err!(
        sqlstate::CHECK_VIOLATION,
        "check constraint \"{constraint}\" of relation \"{table}\" is violated by some row"
    )
    .with_constraint(constraint)
}

/// Puts the numbers of made files in place of planned ones.
pub fn replace_files(plan: &mut DdlPlan, real: &[(FileId, FileId)]) {
    let of = |file: &mut FileId| {
        if let Some((_, made)) = real.iter().find(|(planned, _)| planned == file) {
            *file = *made;
        }
    };
    for change in &mut plan.changes {
        let CatalogChange::Put(object) = change else {
            continue;
        };
        match object {
            Object::Table(table) => of(&mut Arc::make_mut(table).file),
            Object::Index(index) => of(&mut Arc::make_mut(index).file),
            Object::Sequence(sequence) => of(&mut Arc::make_mut(sequence).file),
            _ => {}
        }
    }
    for action in &mut plan.actions {
        match action {
            Action::CreateFile { file, .. } | Action::DropFile(file) => of(file),
            Action::RewriteTable { old, .. } => of(&mut Arc::make_mut(old).file),
            _ => {}
        }
    }
}
