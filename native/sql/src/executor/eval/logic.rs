//! AND, OR, NOT and tests: three-valued logic.

use common::Result;
use types::{Batch, Bitmap, DatumRef, SqlType, Vector, VectorData};

use super::eval;
use crate::executor::context::Context;
use crate::ir::BooleanTest;
use crate::planner::physical::Scalar;

/// Three-valued truth, a byte a row.
const FALSE: u8 = 0;
const TRUE: u8 = 1;
const NULL: u8 = 2;

/// AND (`all`) or OR of the parts, left to right; a part that may fail is evaluated only for the
/// rows
/// that the parts before it left open.
pub fn connect(parts: &[Scalar], all: bool, cx: &mut Context<'_>, batch: &Batch) -> Result<Vector> {
    let (neutral, decided) = if all { (TRUE, FALSE) } else { (FALSE, TRUE) };
    let mut truth = vec![neutral; batch.len];
    for (number, part) in parts.iter().enumerate() {
        let open = truth.iter().filter(|t| **t != decided).count();
        if open == 0 {
            break;
        }
        if number == 0 || open == batch.len || part.is_harmless() {
            let verdict = eval(part, cx, batch)?;
            merge_all(&mut truth, &verdict, neutral, decided);
        } else {
            let rows: Vec<u32> = (0..batch.len as u32)
                .filter(|row| truth[*row as usize] != decided)
                .collect();
            let some = batch.gather(&rows);
            let verdict = eval(part, cx, &some)?;
            for (at, row) in rows.iter().enumerate() {
                merge(
                    &mut truth[*row as usize],
                    truth_of(&verdict, at),
                    neutral,
                    decided,
                );
            }
        }
    }
    Ok(from_truth(&truth))
}

#[inline]
fn merge(into: &mut u8, verdict: u8, neutral: u8, decided: u8) {
    if verdict == decided || (*into == neutral) {
        *into = verdict;
    }
}

fn merge_all(truth: &mut [u8], verdict: &Vector, neutral: u8, decided: u8) {
    if let (VectorData::Bool(values), None, false) =
        (verdict.data(), verdict.nulls(), verdict.is_constant())
    {
        for (into, value) in truth.iter_mut().zip(values) {
            let keep = if *into == decided { decided } else { *into };
            *into = if *value == decided { decided } else { keep };
        }
        return;
    }
    for (row, into) in truth.iter_mut().enumerate() {
        if *into != decided {
            merge(into, truth_of(verdict, row), neutral, decided);
        }
    }
}

#[inline]
fn truth_of(verdict: &Vector, row: usize) -> u8 {
    match verdict.get(row) {
        DatumRef::Bool(true) => TRUE,
        DatumRef::Bool(false) => FALSE,
        _ => NULL,
    }
}

fn from_truth(truth: &[u8]) -> Vector {
    let mut nulls = None;
    if truth.contains(&NULL) {
        let mut map = Bitmap::new();
        truth.iter().for_each(|t| map.push(*t == NULL));
        nulls = Some(map);
    }
    let values = truth.iter().map(|t| u8::from(*t == TRUE)).collect();
    Vector::from_data(VectorData::Bool(values), nulls)
}

/// Boolean results, none null.
pub fn from_bools(values: Vec<u8>) -> Vector {
    Vector::from_data(VectorData::Bool(values), None)
}

/// Boolean results with nulls.
pub fn from_options(values: impl Iterator<Item = Option<bool>>) -> Vector {
    let truth: Vec<u8> = values
        .map(|value| match value {
            Some(value) => u8::from(value),
            None => NULL,
        })
        .collect();
    from_truth(&truth)
}

pub fn not(mut vector: Vector) -> Vector {
    vector.flatten();
    let (data, nulls) = vector.into_parts();
    let VectorData::Bool(mut values) = data else {
        return from_bools(Vec::new());
    };
    match &nulls {
        None => values.iter_mut().for_each(|value| *value ^= 1),
        Some(nulls) => {
            for (row, value) in values.iter_mut().enumerate() {
                *value = u8::from(*value == 0 && !nulls.get(row));
            }
        }
    }
    Vector::from_data(VectorData::Bool(values), nulls)
}

/// `IS NULL`. A row is null if all its fields are, not null if none is.
pub fn is_null(vector: &Vector, ty: SqlType, negated: bool, len: usize) -> Result<Vector> {
    if super::rows::is_row_type(ty) {
        let mut values = Vec::with_capacity(len);
        for row in 0..len {
            values.push(u8::from(super::rows::row_is_null(
                vector.get(row),
                negated,
            )?));
        }
        return Ok(from_bools(values));
    }
    if vector.nulls().is_none() {
        return Ok(Vector::constant(types::Datum::Bool(negated), len));
    }
    let flip = u8::from(negated);
    Ok(from_bools(
        (0..len)
            .map(|row| u8::from(vector.is_null(row)) ^ flip)
            .collect(),
    ))
}

pub fn test(vector: &Vector, test: BooleanTest, len: usize) -> Vector {
    let value = |row| {
        let truth = truth_of(vector, row);
        u8::from(match test {
            BooleanTest::IsTrue => truth == TRUE,
            BooleanTest::IsNotTrue => truth != TRUE,
            BooleanTest::IsFalse => truth == FALSE,
            BooleanTest::IsNotFalse => truth != FALSE,
            BooleanTest::IsUnknown => truth == NULL,
            BooleanTest::IsNotUnknown => truth != NULL,
        })
    };
    from_bools((0..len).map(value).collect())
}
