//! Subqueries in expressions: run when needed, their answers remembered by their parameters.

use common::{Result, err, sqlstate};
use hashbrown::HashMap;
use types::{
    ArrayBuilder, BATCH_ROWS, Batch, Datum, DatumRef, RecordField, SqlType, TypeOid, Vector,
    element_of, encode_record, physical_of,
};

use super::append::pick;
use super::context::Context;
use super::eval::{self, compare_rows};
use super::key_table::KeyTable;
use super::operator::{Operator, open};
use super::rows::Rows;
use crate::ir::{Comparison, Quantifier};
use crate::planner::physical::{Scalar, SubplanUse};

/// Answers remembered a subplan, at most.
const MEMO_MAX: usize = 8192;

/// One subplan of a running plan.
#[derive(Default)]
pub struct SubplanState {
    operator: Option<Box<dyn Operator>>,
    /// Answers by the key bytes of the slots that the subplan reads.
    memo: HashMap<Box<[u8]>, Datum>,
    /// For comparisons: the rows of the subplan's present parameters.
    rows: Option<Held>,
}

/// The rows of a subplan that a value is compared with.
struct Held {
    key: Vec<u8>,
    rows: Rows,
    /// Key bytes of the rows without nulls, for `=`; and whether a row has a null.
    table: Option<(KeyTable, bool)>,
}

/// The subplan's value for each row.
pub fn eval(
    index: usize,
    usage: &SubplanUse,
    left: &[Scalar],
    binds: &[(usize, Scalar)],
    ty: SqlType,
    cx: &mut Context<'_>,
    batch: &Batch,
) -> Result<Vector> {
    let mut values = Vec::with_capacity(left.len());
    for scalar in left {
        values.push(eval::eval(scalar, cx, batch)?);
    }
    let physical = physical_of(ty.oid);
    let plan = cx.plan.clone();
    let def = &plan.subplans[index];
    // Without parameters and comparison there is one answer for all rows.
    if binds.is_empty() && left.is_empty() && def.cacheable && batch.len > 0 {
        let value = answer(index, usage, &[], ty, cx)?;
        return Ok(Vector::constant_of(physical, value.as_ref(), batch.len));
    }
    let mut out = Vector::with_capacity(physical, batch.len);
    let mut operands = Vec::with_capacity(left.len());
    for row in 0..batch.len {
        for (slot, source) in binds {
            if let Scalar::Column { position, .. } = source {
                cx.state.slots[*slot] = batch.get(*position, row).to_owned();
            }
        }
        operands.clear();
        operands.extend(values.iter().map(|column| column.get(row)));
        let value = answer(index, usage, &operands, ty, cx)?;
        out.push(value.as_ref());
    }
    Ok(out)
}

/// Key bytes of the slots that decide the answer.
fn memo_key(index: usize, cx: &Context<'_>) -> Result<Vec<u8>> {
    let mut key = Vec::new();
    for slot in &cx.plan.subplans[index].slots {
        let ty = cx.plan.columns.get(cx.plan.slots[*slot]).ty;
        let value = cx.state.slots[*slot].as_ref();
        // Equal values may differ in form (1.0 and 1.00), and the answer may show it.
        match value {
            DatumRef::Bytes(bytes) => {
                key.push(1);
                key.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
                key.extend_from_slice(bytes);
            }
            other => types::encode_key(ty.oid, other, false, false, &mut key)?,
        }
    }
    Ok(key)
}

fn answer(
    index: usize,
    usage: &SubplanUse,
    left: &[DatumRef<'_>],
    ty: SqlType,
    cx: &mut Context<'_>,
) -> Result<Datum> {
    match usage {
        SubplanUse::Compare { .. } | SubplanUse::Call { .. } => {
            return quantified(index, usage, left, cx);
        }
        _ => {}
    }
    let cacheable = cx.plan.subplans[index].cacheable && cx.state.overrides.is_none();
    let key = memo_key(index, cx)?;
    if cacheable && let Some(known) = cx.state.subplans[index].memo.get(key.as_slice()) {
        return Ok(known.clone());
    }
    let value = run(index, usage, ty, cx)?;
    if cacheable {
        let memo = &mut cx.state.subplans[index].memo;
        if memo.len() >= MEMO_MAX {
            memo.clear();
        }
        memo.insert(key.into(), value.clone());
    }
    Ok(value)
}

/// Runs the subplan from its start, giving each batch (the subquery's columns only) to `each` until
/// it says that it has seen enough.
fn run_batches(
    index: usize,
    cx: &mut Context<'_>,
    each: &mut dyn FnMut(&mut Context<'_>, Batch) -> Result<bool>,
) -> Result<()> {
    let plan = cx.plan.clone();
    let def = &plan.subplans[index];
    // Taken out while it runs; a re-evaluation has its own, since scans are in other states there.
    let taken = cx.state.subplans[index].operator.take();
    let fresh = taken.is_none();
    let mut operator = taken.unwrap_or_else(|| open(&def.root));
    if !fresh {
        operator.restart(cx)?;
    }
    let mut batch = Batch::default();
    while operator.next(cx, &mut batch)? {
        cx.poll()?;
        let rows = pick(&mut batch, &def.positions);
        if !each(cx, rows)? {
            break;
        }
    }
    cx.state.subplans[index].operator = Some(operator);
    Ok(())
}

fn run(index: usize, usage: &SubplanUse, ty: SqlType, cx: &mut Context<'_>) -> Result<Datum> {
    match usage {
        SubplanUse::Exists => {
            let mut found = false;
            run_batches(index, cx, &mut |_, rows| {
                found |= rows.len > 0;
                Ok(!found)
            })?;
            Ok(Datum::Bool(found))
        }
        SubplanUse::Array => {
            let element = element_of(ty.oid).unwrap_or(ty.oid);
            let mut builder = ArrayBuilder::new(element);
            run_batches(index, cx, &mut |_, rows| {
                (0..rows.len).for_each(|row| builder.push(rows.get(0, row)));
                Ok(true)
            })?;
            Ok(Datum::Bytes(builder.finish().into()))
        }
        _ => {
            let mut value = None;
            let types: Vec<TypeOid> = cx.plan.subplans[index]
                .types
                .iter()
                .map(|ty| ty.oid)
                .collect();
            let whole = matches!(usage, SubplanUse::Row);
            run_batches(index, cx, &mut |_, rows| {
                if rows.len + usize::from(value.is_some()) > 1 {
                    return Err(err!(
                        sqlstate::CARDINALITY_VIOLATION,
                        "more than one row returned by a subquery used as an expression"
                    ));
                }
                if rows.len == 1 {
                    value = Some(if whole {
                        record(&rows, &types)
                    } else {
                        rows.get(0, 0).to_owned()
                    });
                }
                Ok(true)
            })?;
            Ok(value.unwrap_or(Datum::Null))
        }
    }
}

fn record(rows: &Batch, types: &[TypeOid]) -> Datum {
    let field = |(at, ty): (usize, &TypeOid)| RecordField {
        ty: *ty,
        value: rows.get(at, 0),
        name: "",
    };
    let fields: Vec<RecordField<'_>> = types.iter().enumerate().map(field).collect();
    let mut stored = Vec::new();
    encode_record(&fields, false, &mut stored);
    Datum::Bytes(stored.into())
}

/// `left op ANY|ALL (subquery)`.
fn quantified(
    index: usize,
    usage: &SubplanUse,
    left: &[DatumRef<'_>],
    cx: &mut Context<'_>,
) -> Result<Datum> {
    hold(index, usage, cx)?;
    let Some(held) = cx.state.subplans[index].rows.take() else {
        return Ok(Datum::Null);
    };
    let verdict = match (usage, &held.table) {
        (SubplanUse::Compare { quantifier, .. }, Some((table, has_null))) => by_table(
            index,
            *quantifier,
            left,
            table,
            *has_null,
            held.rows.is_empty(),
            cx,
        ),
        _ => by_rows(index, usage, left, &held.rows, cx),
    };
    cx.state.subplans[index].rows = Some(held);
    Ok(verdict?.map_or(Datum::Null, Datum::Bool))
}

/// Fetches the rows for the present parameters, if they are not there yet.
fn hold(index: usize, usage: &SubplanUse, cx: &mut Context<'_>) -> Result<()> {
    let key = memo_key(index, cx)?;
    let cacheable = cx.plan.subplans[index].cacheable && cx.state.overrides.is_none();
    if let Some(held) = &cx.state.subplans[index].rows
        && cacheable
        && held.key == key
    {
        return Ok(());
    }
    if let Some(mut old) = cx.state.subplans[index].rows.take() {
        old.rows.clear(cx);
        if let Some((table, _)) = &mut old.table {
            table.clear(cx);
        }
    }
    let mut rows = Rows::default();
    run_batches(index, cx, &mut |cx, batch| {
        rows.append(cx, batch)?;
        Ok(true)
    })?;
    // `= ANY` (IN) and `<> ALL` (NOT IN) of one column are looked up.
    let hashable = matches!(
        usage,
        SubplanUse::Compare {
            op: Comparison::Eq,
            quantifier: Quantifier::Any,
            ..
        } | SubplanUse::Compare {
            op: Comparison::Ne,
            quantifier: Quantifier::All,
            ..
        }
    );
    let types = &cx.plan.subplans[index].types;
    let mut table = None;
    if let (true, [ty]) = (hashable, types.as_slice()) {
        let (oid, mut keys, mut has_null) = (ty.oid, KeyTable::default(), false);
        let mut bytes = Vec::new();
        for row in 0..rows.len() {
            if row.is_multiple_of(BATCH_ROWS) {
                cx.poll()?;
                keys.reserve(BATCH_ROWS.min(rows.len() - row), &|| cx.poll())?;
            }
            let (batch, at) = rows.locate(row);
            let value = batch.get(0, at);
            if value.is_null() {
                has_null = true;
                continue;
            }
            bytes.clear();
            types::encode_key(oid, value, false, false, &mut bytes)?;
            keys.insert(&bytes)?;
        }
        keys.account(cx)?;
        table = Some((keys, has_null));
    }
    cx.state.subplans[index].rows = Some(Held { key, rows, table });
    Ok(())
}

/// IN and NOT IN: a null on either side is unknown unless something else decides.
fn by_table(
    index: usize,
    quantifier: Quantifier,
    left: &[DatumRef<'_>],
    table: &KeyTable,
    has_null: bool,
    empty: bool,
    cx: &Context<'_>,
) -> Result<Option<bool>> {
    let found = quantifier == Quantifier::Any;
    let value = left.first().copied().unwrap_or_default();
    if empty {
        return Ok(Some(!found));
    }
    if value.is_null() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let ty = cx.plan.subplans[index].types[0];
    types::encode_key(ty.oid, value, false, false, &mut bytes)?;
    Ok(match table.find(&bytes) {
        Some(_) => Some(found),
        None if has_null => None,
        None => Some(!found),
    })
}

fn by_rows(
    index: usize,
    usage: &SubplanUse,
    left: &[DatumRef<'_>],
    rows: &Rows,
    cx: &Context<'_>,
) -> Result<Option<bool>> {
    let types = &cx.plan.subplans[index].types;
    let quantifier = match usage {
        SubplanUse::Compare { quantifier, .. } | SubplanUse::Call { quantifier, .. } => *quantifier,
        _ => Quantifier::Any,
    };
    let decided = quantifier == Quantifier::Any;
    let mut unknown = false;
    for row in 0..rows.len() {
        if row.is_multiple_of(BATCH_ROWS) {
            cx.poll()?;
        }
        let (batch, at) = rows.locate(row);
        let verdict = match usage {
            SubplanUse::Compare { op, collation, .. } => {
                let pairs = left
                    .iter()
                    .enumerate()
                    .map(|(c, l)| (*l, batch.get(c, at), types[c]));
                compare_rows(*op, pairs, *collation)
            }
            SubplanUse::Call {
                function,
                collation,
                ..
            } => {
                let one = |ty: SqlType, value| Vector::constant_of(physical_of(ty.oid), value, 1);
                let l = SqlType::new(function.args[0]);
                let values = [one(l, left[0]), one(types[0], batch.get(0, at))];
                let ret = SqlType::new(function.ret);
                let result =
                    eval::call_values(function, &values, &[l, types[0]], ret, *collation, 1, cx)?;
                result.get(0).as_bool()
            }
            _ => None,
        };
        match verdict {
            Some(value) if value == decided => return Ok(Some(decided)),
            Some(_) => {}
            None => unknown = true,
        }
    }
    Ok(if unknown { None } else { Some(!decided) })
}
