//! Foreign keys: that what is referred to exists, and what happens to referring rows; and when
//! unique keys are checked that the statement left for its end.
//!
//! All reading here is of newest versions, as PostgreSQL's triggers do it, under KEY SHARE locks.
//! Each event sees what those before it have written.

use std::sync::Arc;

use catalog::{ForeignAction, ForeignMatch};
use common::{Error, ObjectId, Result, RowId, err, sqlstate};
use types::{Batch, Datum, SqlType, Vector, physical_of};

use super::delete::delete_row;
use super::foreign_key_errors::{missing_key, mixed_key};
use super::pending::Event;
use super::referring::referring_rows;
use super::update::{Change, write_change};
use super::write::{complete_rows, empty_row, key_text};
use crate::access::{CheckKind, DeferredCheck, Fetched, Judged, WriteOutcome};
use crate::executor::context::{Context, Environment, State};
use crate::executor::eval::{cast, eval_once};
use crate::ir::{ForeignKeyRule, TableRules};
use crate::planner::physical::{PhysicalPlan, WriteRules};

/// Makes the checks and actions of the statement, and those that they cause in turn.
pub fn run_pending(cx: &mut Context<'_>) -> Result<()> {
    run_events(cx)?;
    if !cx.plan.writes {
        return Ok(());
    }
    let due = cx.store.due_checks();
    if due.is_empty() {
        return Ok(());
    }
    let store = cx.store.newest()?;
    for check in &due {
        cx.poll()?;
        store.check_unique(check)?;
    }
    Ok(())
}

fn run_events(cx: &mut Context<'_>) -> Result<()> {
    let mut store = None;
    while let Some(event) = cx.state.pending.events.pop_front() {
        cx.poll()?;
        let newest = match store.take() {
            Some(newest) => newest,
            None => cx.store.newest()?,
        };
        let mut inner = cx.with_store(newest.as_ref());
        if run(&mut inner, event)? == Did::Read {
            store = Some(newest);
        }
    }
    Ok(())
}

/// What an event has done.
#[derive(PartialEq, Eq)]
enum Did {
    Read,
    /// What comes next must see it.
    Write,
}

/// Makes checks that were deferred, at the end of the transaction or by SET CONSTRAINTS.
pub fn run_deferred(
    environment: &Environment<'_>,
    checks: impl Iterator<Item = DeferredCheck>,
) -> Result<()> {
    let plan = Arc::new(PhysicalPlan::empty());
    let mut state = State::new(&plan);
    let store = environment.store.newest()?;
    let mut cx = Context {
        store: store.as_ref(),
        session: environment.session,
        text: environment.text,
        plan: &plan,
        params: &[],
        state: &mut state,
    };
    for check in checks {
        cx.poll()?;
        let rules = cx.store.rules(check.table)?;
        let list = match check.kind {
            CheckKind::Child => &rules.foreign_keys,
            CheckKind::Parent => &rules.referenced_by,
            CheckKind::Unique => {
                cx.store.check_unique(&check)?;
                continue;
            }
        };
        // A constraint that was dropped in between has nothing to say.
        let Some(rule) = list
            .iter()
            .find(|rule| rule.constraint.oid == check.constraint)
        else {
            continue;
        };
        if check.kind == CheckKind::Child {
            check_child(&mut cx, &rules, rule, check.row, &check.key)?;
        } else {
            check_parent(&mut cx, &rules, rule, &check.key, false)?;
        }
    }
    Ok(())
}

fn run(cx: &mut Context<'_>, event: Event) -> Result<Did> {
    match event {
        Event::Child {
            rules,
            number,
            row,
            key,
        } => {
            let rule = &rules.foreign_keys[number];
            if cx.store.is_deferred(rule.constraint.oid) {
                let table = rules.table.oid;
                defer(cx, rule, table, CheckKind::Child, row, key)?;
            } else {
                check_child(cx, &rules, rule, row, &key)?;
            }
            Ok(Did::Read)
        }
        Event::Parent {
            rules,
            number,
            row,
            key,
            new,
        } => {
            let rule = &rules.referenced_by[number];
            if key.iter().any(Datum::is_null) {
                return Ok(Did::Read);
            }
            let constraint = &rule.constraint;
            let action = match new {
                Some(_) => constraint.on_update,
                None => constraint.on_delete,
            };
            match action {
                ForeignAction::NoAction if cx.store.is_deferred(constraint.oid) => {
                    let table = rules.table.oid;
                    defer(cx, rule, table, CheckKind::Parent, row, key)?;
                    Ok(Did::Read)
                }
                ForeignAction::NoAction | ForeignAction::Restrict => {
                    let restrict = action == ForeignAction::Restrict;
                    check_parent(cx, &rules, rule, &key, restrict)?;
                    Ok(Did::Read)
                }
                _ => {
                    act(cx, &rules, rule, action, &key, new.as_deref())?;
                    Ok(Did::Write)
                }
            }
        }
    }
}

/// Changes or deletes the rows that refer to a key that is gone, or has become `new`.
fn act(
    cx: &mut Context<'_>,
    rules: &Arc<TableRules>,
    rule: &ForeignKeyRule,
    action: ForeignAction,
    key: &[Datum],
    new: Option<&[Datum]>,
) -> Result<()> {
    let only = match new {
        None => rule.constraint.on_delete_columns.as_slice(),
        Some(_) => &[],
    };
    match (action, new) {
        (ForeignAction::Cascade, None) => delete_referring(cx, rule, key),
        (ForeignAction::Cascade, Some(new)) => set_referring(cx, rule, key, SetTo::Key(new)),
        (ForeignAction::SetNull, _) => set_referring(cx, rule, key, SetTo::Null(only)),
        _ => {
            set_referring(cx, rule, key, SetTo::Default(only))?;
            // Rows that had the default already did not change: they refer to the key still.
            let newest = cx.store.newest()?;
            let mut after = cx.with_store(newest.as_ref());
            check_parent(&mut after, rules, rule, key, false)
        }
    }
}

fn defer(
    cx: &Context<'_>,
    rule: &ForeignKeyRule,
    table: ObjectId,
    kind: CheckKind,
    row: RowId,
    key: Vec<Datum>,
) -> Result<()> {
    cx.store.defer(DeferredCheck {
        constraint: rule.constraint.oid,
        table,
        kind,
        row,
        key,
    })
}

/// A referring row's key must exist.
fn check_child(
    cx: &mut Context<'_>,
    rules: &Arc<TableRules>,
    rule: &ForeignKeyRule,
    row: RowId,
    key: &[Datum],
) -> Result<()> {
    let nulls = key.iter().filter(|value| value.is_null()).count();
    if nulls > 0 && (nulls == key.len() || rule.constraint.match_type == ForeignMatch::Simple) {
        return Ok(());
    }
    if nulls > 0 {
        return Err(mixed_key(rules, rule));
    }
    let converted = convert(cx, key, &rule.child_types, &rule.parent_types)?;
    let ordered = in_index_order(cx, rule, converted)?;
    if cx
        .store
        .lock_key(rule.parent, rule.parent_index, &ordered)?
    {
        return Ok(());
    }
    // The row may have changed again, or be gone: then there is nothing to check.
    let classes = rule
        .child_types
        .iter()
        .map(|ty| Vector::new(physical_of(ty.oid)));
    let mut now = Batch {
        columns: classes.collect(),
        len: 0,
    };
    let found = cx
        .store
        .fetch_newest(rule.child, row, &rule.child_columns, &mut now)?;
    let same = found == Fetched::Found
        && key
            .iter()
            .enumerate()
            .all(|(at, value)| now.get(at, 0).to_owned() == *value);
    if !same {
        return Ok(());
    }
    Err(missing_key(rules, rule, key, cx.text))
}

/// No row may refer to a key that is gone.
fn check_parent(
    cx: &mut Context<'_>,
    rules: &Arc<TableRules>,
    rule: &ForeignKeyRule,
    key: &[Datum],
    restrict: bool,
) -> Result<()> {
    if !restrict {
        // Another row may have taken the key over.
        let ordered = in_index_order(cx, rule, key.to_vec())?;
        if cx
            .store
            .lock_key(rule.parent, rule.parent_index, &ordered)?
        {
            return Ok(());
        }
    }
    let child_key = convert(cx, key, &rule.parent_types, &rule.child_types)?;
    if referring_rows(cx, rule, &child_key, &[])?
        .row_ids
        .is_empty()
    {
        return Ok(());
    }
    let text = key_text(rules, &rule.parent_columns, key, cx.text);
    Err(err!(
        sqlstate::FOREIGN_KEY_VIOLATION,
        "update or delete on table \"{}\" violates foreign key constraint \"{}\" on table \"{}\"",
        rule.parent_name,
        rule.constraint.name,
        rule.child_name
    )
    .with_detail(format!(
        "Key {text} is still referenced from table \"{}\".",
        rule.child_name
    ))
    .with_table(rules.schema.clone(), rule.child_name.clone())
    .with_constraint(rule.constraint.name.clone()))
}

/// ON DELETE CASCADE.
fn delete_referring(cx: &mut Context<'_>, rule: &ForeignKeyRule, key: &[Datum]) -> Result<()> {
    let child = cx.store.rules(rule.child)?;
    let write = WriteRules::compile(&child)?;
    let all: Vec<u16> = (0..child.width() as u16).collect();
    let child_key = convert(cx, key, &rule.parent_types, &rule.child_types)?;
    let found = referring_rows(cx, rule, &child_key, &all)?;
    for (at, row) in found.row_ids.iter().enumerate() {
        let outcome = delete_row(&write, cx, *row, &found.rows, at, Judged::Snapshot)?;
        if outcome == WriteOutcome::Changed {
            delete_newest(cx, &write, rule, &child_key, *row)?;
        }
    }
    Ok(())
}

/// The row as it is now, if it still refers to the key.
fn still_refers(
    cx: &mut Context<'_>,
    write: &WriteRules,
    rule: &ForeignKeyRule,
    key: &[Datum],
    row: RowId,
) -> Result<Option<Batch>> {
    let all: Vec<u16> = (0..write.rules.width() as u16).collect();
    let mut now = Batch {
        columns: empty_row(&write.rules.types),
        len: 0,
    };
    let found = cx.store.fetch_newest(rule.child, row, &all, &mut now)?;
    let refers = found == Fetched::Found
        && rule
            .child_columns
            .iter()
            .zip(key)
            .zip(&rule.child_types)
            .all(|((at, k), ty)| {
                types::compare(ty.oid, now.get(usize::from(*at), 0), k.as_ref()).is_eq()
            });
    Ok(refers.then_some(now))
}

fn delete_newest(
    cx: &mut Context<'_>,
    write: &WriteRules,
    rule: &ForeignKeyRule,
    key: &[Datum],
    row: RowId,
) -> Result<()> {
    if let Some(now) = still_refers(cx, write, rule, key, row)? {
        delete_row(write, cx, row, &now, 0, Judged::Newest)?;
    }
    Ok(())
}

/// What a referring row's columns become.
enum SetTo<'k> {
    Key(&'k [Datum]),
    /// These attribute numbers; all of the key if none.
    Null(&'k [i16]),
    Default(&'k [i16]),
}

/// ON UPDATE CASCADE, SET NULL, SET DEFAULT.
fn set_referring(
    cx: &mut Context<'_>,
    rule: &ForeignKeyRule,
    key: &[Datum],
    to: SetTo<'_>,
) -> Result<()> {
    let child = cx.store.rules(rule.child)?;
    let write = WriteRules::compile(&child)?;
    let all: Vec<u16> = (0..child.width() as u16).collect();
    let child_key = convert(cx, key, &rule.parent_types, &rule.child_types)?;
    let found = referring_rows(cx, rule, &child_key, &all)?;
    for (at, row) in found.row_ids.iter().enumerate() {
        let old = found.rows.slice(at, 1);
        let outcome = set_row(cx, &write, rule, &to, *row, &old, Judged::Snapshot)?;
        if outcome == WriteOutcome::Changed
            && let Some(now) = still_refers(cx, &write, rule, &child_key, *row)?
        {
            set_row(cx, &write, rule, &to, *row, &now, Judged::Newest)?;
        }
    }
    Ok(())
}

fn set_row(
    cx: &mut Context<'_>,
    write: &WriteRules,
    rule: &ForeignKeyRule,
    to: &SetTo<'_>,
    row: RowId,
    old: &Batch,
    judged: Judged,
) -> Result<WriteOutcome> {
    let mut new = old.clone();
    let mut assigned = Vec::with_capacity(rule.child_columns.len());
    let moved = match to {
        SetTo::Key(key) => convert(cx, key, &rule.parent_types, &rule.child_types)?,
        _ => Vec::new(),
    };
    for (at, position) in rule.child_columns.iter().enumerate() {
        let chosen = |only: &[i16]| only.is_empty() || only.contains(&(*position as i16 + 1));
        let value = match to {
            SetTo::Key(_) => moved[at].clone(),
            SetTo::Null(only) if chosen(only) => Datum::Null,
            SetTo::Default(only) if chosen(only) => match &write.defaults[usize::from(*position)] {
                Some(default) => eval_once(default, cx)?,
                None => Datum::Null,
            },
            _ => continue,
        };
        let class = physical_of(rule.child_types[at].oid);
        let column = Vector::constant_of(class, value.as_ref(), 1).into_flat();
        new.columns[usize::from(*position)] = column;
        assigned.push(*position);
    }
    complete_rows(write, cx, &mut new, Some(&assigned))?;
    let change = Change {
        row,
        old,
        new: &new,
        at: 0,
        judged,
    };
    write_change(write, cx, &assigned, &change)
}

/// A key in the other side's types.
fn convert(
    cx: &Context<'_>,
    key: &[Datum],
    from: &[SqlType],
    to: &[SqlType],
) -> Result<Vec<Datum>> {
    let mut converted = Vec::with_capacity(key.len());
    for ((value, from), to) in key.iter().zip(from).zip(to) {
        if from.oid == to.oid {
            converted.push(value.clone());
            continue;
        }
        let one = Vector::constant_of(physical_of(from.oid), value.as_ref(), 1);
        let plain = SqlType::new(to.oid);
        let cast = cast(std::borrow::Cow::Owned(one), *from, plain, true, cx)?;
        converted.push(cast.get(0).to_owned());
    }
    Ok(converted)
}

/// A key in the order of the referenced index's columns, which may not be the constraint's.
fn in_index_order(cx: &Context<'_>, rule: &ForeignKeyRule, key: Vec<Datum>) -> Result<Vec<Datum>> {
    if key.len() == 1 {
        return Ok(key);
    }
    let parent = cx.store.rules(rule.parent)?;
    let index = parent
        .indexes
        .iter()
        .find(|known| known.index.oid == rule.parent_index);
    let Some(index) = index else {
        return Err(Error::internal("a foreign key without its unique index"));
    };
    let mut ordered = Vec::with_capacity(key.len());
    for column in &index.index.keys {
        let position = (column.attnum - 1) as u16;
        let at = rule.parent_columns.iter().position(|own| *own == position);
        let at = at.ok_or_else(|| Error::internal("a foreign key and its index differ"))?;
        ordered.push(key[at].clone());
    }
    Ok(ordered)
}
