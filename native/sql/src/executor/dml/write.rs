//! What must hold for a new row, and the calls that store it.

use common::{Error, Result, RowId, err, sqlstate};
use types::{Batch, Datum, DatumRef, SqlType, TextContext, TypeOid, Vector, physical_of};

use super::pending::Event;
use crate::executor::context::Context;
use crate::executor::eval::eval;
use crate::ir::TableRules;
use crate::planner::physical::WriteRules;

/// Rows changed between two polls: each may read pages of several indexes.
pub const POLL_ROWS: usize = 32;

/// Computes generated columns and checks NOT NULL and CHECK on full-width rows. Of an update,
/// `assigned` are the columns that may have become null; the others may not even be there.
pub fn complete_rows(
    rules: &WriteRules,
    cx: &mut Context<'_>,
    rows: &mut Batch,
    assigned: Option<&[u16]>,
) -> Result<()> {
    for (position, scalar) in &rules.generated {
        let value = eval(scalar, cx, rows)?.into_owned();
        rows.columns[usize::from(*position)] = value.into_flat();
    }
    check_not_null(rules, cx, rows, assigned)?;
    for (name, condition) in &rules.checks {
        let verdict = eval(condition, cx, rows)?;
        for row in 0..rows.len {
            // Null passes.
            if verdict.get(row) == DatumRef::Bool(false) {
                return Err(check_violation(rules, cx, name, rows, row));
            }
        }
    }
    Ok(())
}

fn check_not_null(
    rules: &WriteRules,
    cx: &Context<'_>,
    rows: &Batch,
    assigned: Option<&[u16]>,
) -> Result<()> {
    let table = &rules.rules.table;
    for (position, column) in table.columns.iter().enumerate() {
        let may_be = |list: &[u16]| list.contains(&(position as u16)) || column.generated;
        if !assigned.is_none_or(may_be) {
            continue;
        }
        if !column.not_null || column.dropped || !rows.columns[position].has_nulls() {
            continue;
        }
        let values = &rows.columns[position];
        let Some(row) = (0..rows.len).find(|row| values.is_null(*row)) else {
            continue;
        };
        return Err(err!(
            sqlstate::NOT_NULL_VIOLATION,
            "null value in column \"{}\" of relation \"{}\" violates not-null constraint",
            column.name,
            table.name
        )
        .with_detail(format!(
            "Failing row contains {}.",
            row_text(rules, cx, rows, row)
        ))
        .with_table(rules.rules.schema.clone(), table.name.clone())
        .with_column(column.name.clone()));
    }
    Ok(())
}

fn check_violation(
    rules: &WriteRules,
    cx: &Context<'_>,
    name: &str,
    rows: &Batch,
    row: usize,
) -> Error {
    let table = &rules.rules.table;
    err!(
        sqlstate::CHECK_VIOLATION,
        "new row for relation \"{}\" violates check constraint \"{name}\"",
        table.name
    )
    .with_detail(format!(
        "Failing row contains {}.",
        row_text(rules, cx, rows, row)
    ))
    .with_table(rules.rules.schema.clone(), table.name.clone())
    .with_constraint(name)
}

/// Characters of a value that an error shows (PostgreSQL's `maxfieldlen`).
const FIELD_BYTES: usize = 64;

/// `(1, abc, null)`.
fn row_text(rules: &WriteRules, cx: &Context<'_>, rows: &Batch, row: usize) -> String {
    let live = rules
        .rules
        .table
        .columns
        .iter()
        .enumerate()
        .filter(|(_, c)| !c.dropped);
    let texts: Vec<String> = live
        .map(|(position, _)| {
            let ty = rules.rules.types[position];
            value_text(rows.columns[position].get(row), ty, cx)
        })
        .collect();
    format!("({})", texts.join(", "))
}

fn value_text(value: DatumRef<'_>, ty: SqlType, cx: &Context<'_>) -> String {
    if value.is_null() {
        return "null".into();
    }
    let mut text = Vec::new();
    if types::format_text(ty, value, cx.text, &mut text).is_err() {
        return "???".into();
    }
    let mut text = String::from_utf8_lossy(&text).into_owned();
    if text.len() > FIELD_BYTES {
        let end = (0..=FIELD_BYTES)
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(0);
        text.truncate(end);
        text.push_str("...");
    }
    text
}

/// `(a, b)=(1, 2)`, as the errors of keys say it.
pub fn key_text(rules: &TableRules, columns: &[u16], key: &[Datum], text: &TextContext) -> String {
    let names: Vec<&str> = columns
        .iter()
        .map(|position| rules.table.columns[usize::from(*position)].name.as_str())
        .collect();
    let values: Vec<String> = columns
        .iter()
        .zip(key)
        .map(|(position, value)| {
            let ty = rules.types[usize::from(*position)];
            let mut out = Vec::new();
            match types::format_text(ty, value.as_ref(), text, &mut out) {
                Ok(()) => String::from_utf8_lossy(&out).into_owned(),
                Err(_) => "???".into(),
            }
        })
        .collect();
    format!("({})=({})", names.join(", "), values.join(", "))
}

/// Inserts full-width rows that are complete; their ids are appended to `row_ids`.
pub fn insert_rows(
    rules: &WriteRules,
    cx: &mut Context<'_>,
    rows: &Batch,
    row_ids: &mut Vec<RowId>,
) -> Result<()> {
    let first = row_ids.len();
    cx.store.insert(rules.rules.table.oid, rows, row_ids)?;
    for (at, row) in row_ids[first..].iter().enumerate() {
        queue_inserted(rules, cx, rows, at, *row)?;
    }
    Ok(())
}

/// Queues the foreign key checks of a row that was inserted.
pub fn queue_inserted(
    rules: &WriteRules,
    cx: &mut Context<'_>,
    rows: &Batch,
    at: usize,
    row: RowId,
) -> Result<()> {
    for number in 0..rules.rules.foreign_keys.len() {
        let rule = &rules.rules.foreign_keys[number];
        let key = key_of(rows, &rule.child_columns, at);
        let event = Event::child(&rules.rules, number, row, key);
        cx.state.pending.push(event)?;
    }
    Ok(())
}

/// The values of some columns of one row.
pub fn key_of(rows: &Batch, columns: &[u16], at: usize) -> Vec<Datum> {
    columns
        .iter()
        .map(|column| rows.get(usize::from(*column), at).to_owned())
        .collect()
}

/// Empty full-width columns.
pub fn empty_row(types: &[SqlType]) -> Vec<Vector> {
    types
        .iter()
        .map(|ty| Vector::new(physical_of(ty.oid)))
        .collect()
}

/// Nulls for a column that is dropped or not given.
pub fn null_column(ty: SqlType, len: usize) -> Vector {
    let class = if ty.oid == TypeOid::INVALID {
        types::Physical::I32
    } else {
        physical_of(ty.oid)
    };
    Vector::nulls_of(class, len).into_flat()
}
