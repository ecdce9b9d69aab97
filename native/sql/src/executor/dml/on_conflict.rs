//! INSERT ... ON CONFLICT, row by row.

use common::{Result, RowId, err, sqlstate};
use types::Batch;

use super::update::{Change, write_change};
use super::write::{complete_rows, empty_row, queue_inserted};
use crate::access::{
    Fetched, InsertOutcome, Isolation, Judged, LockOutcome, LockStrength, WaitPolicy,
};
use crate::executor::context::Context;
use crate::executor::eval::eval;
use crate::executor::filter::apply;
use crate::planner::physical::{PhysicalConflict, PhysicalConflictUpdate, WriteRules};

/// Inserts or updates; gives the rows as they are stored, for RETURNING and the count.
pub fn insert(
    rules: &WriteRules,
    conflict: &PhysicalConflict,
    cx: &mut Context<'_>,
    rows: &Batch,
) -> Result<Batch> {
    let table = rules.rules.table.oid;
    let mut stored = Batch {
        columns: empty_row(&rules.rules.types),
        len: 0,
    };
    for at in 0..rows.len {
        let row = rows.slice(at, 1);
        loop {
            match cx
                .store
                .insert_unless_conflict(table, rows, at, &conflict.arbiters)?
            {
                InsertOutcome::Inserted(id) => {
                    queue_inserted(rules, cx, rows, at, id)?;
                    stored.append_all(&row);
                    break;
                }
                InsertOutcome::Conflict(id) => {
                    let Some(update) = &conflict.update else {
                        check_visible(rules, cx, id)?;
                        break;
                    };
                    if update_row(rules, update, cx, &row, id, &mut stored)? {
                        break;
                    }
                    // The row went away while we waited for it: try to insert again.
                }
            }
        }
    }
    Ok(stored)
}

/// Above read committed, a conflict with a row that the snapshot does not see is an error.
fn check_visible(rules: &WriteRules, cx: &mut Context<'_>, row: RowId) -> Result<()> {
    if cx.store.isolation() == Isolation::ReadCommitted {
        return Ok(());
    }
    let mut none = Batch::default();
    let table = rules.rules.table.oid;
    match cx.store.fetch(table, row, &[], &mut none)? {
        Fetched::Found => Ok(()),
        Fetched::Missing => {
            let outcome =
                cx.store
                    .lock_row(table, row, LockStrength::KeyShare, WaitPolicy::Wait)?;
            match outcome {
                // Our own row of this command.
                LockOutcome::SelfModified => Ok(()),
                _ => Err(err!(
                    sqlstate::SERIALIZATION_FAILURE,
                    "could not serialize access due to concurrent update"
                )),
            }
        }
    }
}

/// DO UPDATE; false if the row is gone.
fn update_row(
    rules: &WriteRules,
    update: &PhysicalConflictUpdate,
    cx: &mut Context<'_>,
    excluded: &Batch,
    row: RowId,
    stored: &mut Batch,
) -> Result<bool> {
    let table = rules.rules.table.oid;
    let judged = match cx
        .store
        .lock_row(table, row, LockStrength::Update, WaitPolicy::Wait)?
    {
        LockOutcome::Locked => Judged::Snapshot,
        LockOutcome::Changed => Judged::Newest,
        LockOutcome::Gone | LockOutcome::Skipped => return Ok(false),
        LockOutcome::SelfModified => {
            return Err(err!(
                sqlstate::CARDINALITY_VIOLATION,
                "ON CONFLICT DO UPDATE command cannot affect row a second time"
            )
            .with_hint(
                "Ensure that no rows proposed for insertion within the same command have \
                 duplicate constrained values.",
            ));
        }
    };
    let positions: Vec<u16> = (0..rules.rules.width() as u16).collect();
    let mut existing = Batch {
        columns: empty_row(&rules.rules.types),
        len: 0,
    };
    if cx
        .store
        .fetch_newest(table, row, &positions, &mut existing)?
        == Fetched::Missing
    {
        return Ok(false);
    }
    let mut both = existing.clone();
    both.columns.extend(excluded.columns.iter().cloned());
    if let Some(condition) = &update.condition {
        apply(condition, cx, &mut both)?;
        if both.is_empty() {
            return Ok(true);
        }
    }
    let mut new = existing.clone();
    let mut assigned = Vec::with_capacity(update.assignments.len());
    for (position, scalar) in &update.assignments {
        let value = eval(scalar, cx, &both)?.into_owned();
        new.columns[usize::from(*position)] = value.into_flat();
        assigned.push(*position);
    }
    complete_rows(rules, cx, &mut new, Some(&assigned))?;
    let change = Change {
        row,
        old: &existing,
        new: &new,
        at: 0,
        judged,
    };
    write_change(rules, cx, &assigned, &change)?;
    stored.append_all(&new);
    Ok(true)
}
