//! The built-in window functions.

use common::{Result, err, sqlstate};
use functions::WindowKind;
use types::{DatumRef, Vector};

use super::frame::Frames;
use super::operator::CallColumns;
use super::partition::{POLL_ROWS, Partition};
use crate::executor::context::Context;
use crate::planner::physical::{WindowNode, WindowSpec};

/// Appends the function's value for each row of the partition.
pub fn compute(
    kind: WindowKind,
    spec: &WindowSpec,
    call: &CallColumns,
    node: &WindowNode,
    partition: &Partition<'_>,
    cx: &Context<'_>,
    out: &mut Vector,
) -> Result<()> {
    let start = partition.rows.start;
    let len = partition.len();
    match kind {
        WindowKind::RowNumber => {
            each_row(partition, cx, out, |row| {
                DatumRef::I64((row - start) as i64 + 1)
            })?;
        }
        WindowKind::Rank => each_row(partition, cx, out, |row| {
            DatumRef::I64((partition.peers(row).start - start) as i64 + 1)
        })?,
        WindowKind::DenseRank => {
            each_row(partition, cx, out, |row| {
                DatumRef::I64(partition.group(row) as i64 + 1)
            })?;
        }
        WindowKind::PercentRank => each_row(partition, cx, out, |row| {
            let before = (partition.peers(row).start - start) as f64;
            DatumRef::F64(if len > 1 {
                before / (len - 1) as f64
            } else {
                0.0
            })
        })?,
        WindowKind::CumeDist => each_row(partition, cx, out, |row| {
            DatumRef::F64((partition.peers(row).end - start) as f64 / len as f64)
        })?,
        WindowKind::Ntile => ntile(call, partition, out)?,
        WindowKind::Lag => neighbours(call, partition, -1, cx, out)?,
        WindowKind::Lead => neighbours(call, partition, 1, cx, out)?,
        WindowKind::FirstValue | WindowKind::LastValue | WindowKind::NthValue => {
            let frames = Frames::new(partition, spec, call, node, cx)?;
            of_frame(kind, call, partition, &frames, cx, out)?;
        }
    }
    Ok(())
}

fn each_row<'v>(
    partition: &Partition<'_>,
    cx: &Context<'_>,
    out: &mut Vector,
    value: impl Fn(usize) -> DatumRef<'v>,
) -> Result<()> {
    for row in partition.rows.clone() {
        poll_at(row, cx)?;
        out.push(value(row));
    }
    Ok(())
}

fn poll_at(row: usize, cx: &Context<'_>) -> Result<()> {
    match row % POLL_ROWS {
        0 => cx.poll(),
        _ => Ok(()),
    }
}

/// Buckets that differ by one row at most, the larger ones first.
fn ntile(call: &CallColumns, partition: &Partition<'_>, out: &mut Vector) -> Result<()> {
    let len = partition.len() as i64;
    let wanted = call.args[0].get(partition.rows.start).as_i64();
    let Some(buckets) = wanted else {
        (0..len).for_each(|_| out.push_null());
        return Ok(());
    };
    if buckets <= 0 {
        return Err(err!(
            sqlstate::INVALID_ARGUMENT_FOR_NTILE_FUNCTION,
            "argument of ntile must be greater than zero"
        ));
    }
    let (size, larger) = (len / buckets, len % buckets);
    for at in 0..len {
        let in_larger = larger * (size + 1);
        let bucket = match at < in_larger {
            true => at / (size + 1),
            false => larger + (at - in_larger) / size.max(1),
        };
        out.push(DatumRef::I32(bucket as i32 + 1));
    }
    Ok(())
}

/// LAG and LEAD: `value [, offset [, default]]`.
fn neighbours(
    call: &CallColumns,
    partition: &Partition<'_>,
    sign: i64,
    cx: &Context<'_>,
    out: &mut Vector,
) -> Result<()> {
    let [values, rest @ ..] = call.args.as_slice() else {
        return Ok(());
    };
    for row in partition.rows.clone() {
        poll_at(row, cx)?;
        let offset = match rest.first() {
            None => Some(1),
            Some(offsets) => offsets.get(row).as_i64(),
        };
        let Some(offset) = offset else {
            out.push_null();
            continue;
        };
        let at = (row as i64).saturating_add(offset.saturating_mul(sign));
        match usize::try_from(at) {
            Ok(at) if partition.rows.contains(&at) => out.push(values.get(at)),
            _ => out.push(
                rest.get(1)
                    .map_or(DatumRef::Null, |default| default.get(row)),
            ),
        }
    }
    Ok(())
}

fn of_frame(
    kind: WindowKind,
    call: &CallColumns,
    partition: &Partition<'_>,
    frames: &Frames<'_>,
    cx: &Context<'_>,
    out: &mut Vector,
) -> Result<()> {
    let values = &call.args[0];
    for row in partition.rows.clone() {
        poll_at(row, cx)?;
        let parts = frames.parts(row);
        let mut rows = parts.into_iter().flatten();
        let found = match kind {
            WindowKind::FirstValue => rows.next(),
            WindowKind::LastValue => frames.parts(row).into_iter().flatten().next_back(),
            _ => match call.args[1].get(row).as_i64() {
                None => None,
                Some(nth) if nth <= 0 => {
                    return Err(err!(
                        sqlstate::INVALID_ARGUMENT_FOR_NTH_VALUE_FUNCTION,
                        "argument of nth_value must be greater than zero"
                    ));
                }
                Some(nth) => rows.nth(nth as usize - 1),
            },
        };
        out.push(found.map_or(DatumRef::Null, |at| values.get(at)));
    }
    Ok(())
}
