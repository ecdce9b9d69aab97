//! Set-returning functions side by side.

use common::{Error, Result};
use functions::{EvalContext, FunctionKind};
use types::{BATCH_ROWS, Batch, Datum, DatumRef, SqlType, Vector, decode_record, physical_of};

use super::context::Context;
use super::eval::eval;
use crate::planner::physical::{Scalar, SetSource};

/// The running sets of one row.
pub struct SetRows {
    sets: Vec<Set>,
    /// Number of the next row, if numbered.
    ordinal: Option<i64>,
}

struct Set {
    types: Vec<SqlType>,
    source: Source,
}

enum Source {
    Function(Box<dyn functions::SetRows>),
    /// One row, not given yet.
    Row(Vec<Datum>),
    Done,
}

/// Starts all sets for the single row of `row`.
pub fn start_sets(
    sets: &[SetSource],
    cx: &mut Context<'_>,
    row: &Batch,
    ordinality: bool,
) -> Result<SetRows> {
    let mut started = Vec::with_capacity(sets.len());
    for set in sets {
        started.push(match set {
            SetSource::Set {
                function,
                args,
                types,
                ..
            } => {
                let source = start(function, args, types, cx, row)?;
                Set {
                    types: types.clone(),
                    source,
                }
            }
            SetSource::Scalar(scalar, types) => {
                let value = eval(scalar, cx, row)?.get(0).to_owned();
                Set {
                    types: types.clone(),
                    source: Source::Row(fields(value, types.len())?),
                }
            }
        });
    }
    Ok(SetRows {
        sets: started,
        ordinal: ordinality.then_some(1),
    })
}

fn start(
    function: &'static functions::FunctionDef,
    args: &[Scalar],
    types: &[SqlType],
    cx: &mut Context<'_>,
    row: &Batch,
) -> Result<Source> {
    let FunctionKind::Set { start, .. } = function.kind else {
        return Err(Error::internal(format!(
            "{} does not return a set",
            function.name
        )));
    };
    let mut values = Vec::with_capacity(args.len());
    for arg in args {
        values.push(eval(arg, cx, row)?.get(0).to_owned());
    }
    if function.strict && values.iter().any(Datum::is_null) {
        return Ok(Source::Done);
    }
    let arg_types: Vec<SqlType> = args.iter().map(Scalar::ty).collect();
    let ret = types.first().copied().unwrap_or(SqlType::new(function.ret));
    let context = EvalContext {
        text: cx.text,
        args: &arg_types,
        ret,
    };
    Ok(Source::Function(start(&context, &values)?))
}

/// One value as a row: a composite is taken apart if several columns are wanted.
fn fields(value: Datum, width: usize) -> Result<Vec<Datum>> {
    if width == 1 {
        return Ok(vec![value]);
    }
    let mut row = match value.as_ref() {
        DatumRef::Bytes(stored) => decode_record(stored)?
            .iter()
            .map(|field| field.value.to_owned())
            .collect(),
        _ => Vec::new(),
    };
    row.resize(width, Datum::Null);
    Ok(row)
}

impl SetRows {
    /// The next rows; sets that ended are filled with nulls.
    pub fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        cx.poll()?;
        let mut longest = 0;
        let mut parts: Vec<Vec<Vector>> = Vec::with_capacity(self.sets.len());
        for set in &mut self.sets {
            let mut columns: Vec<Vector> = set
                .types
                .iter()
                .map(|ty| Vector::new(physical_of(ty.oid)))
                .collect();
            longest = longest.max(fill(&mut set.source, &mut columns)?);
            parts.push(columns);
        }
        out.columns = parts.into_iter().flatten().collect();
        for column in &mut out.columns {
            while column.len() < longest {
                column.push_null();
            }
        }
        if let Some(ordinal) = &mut self.ordinal {
            let from = *ordinal;
            *ordinal += longest as i64;
            out.columns
                .push(Vector::from((from..*ordinal).collect::<Vec<i64>>()));
        }
        out.len = longest;
        Ok(longest > 0)
    }
}

/// Fills the columns up to a batch, so that sets side by side stay in step.
fn fill(source: &mut Source, columns: &mut [Vector]) -> Result<usize> {
    match source {
        Source::Done => Ok(0),
        Source::Row(row) => {
            for (column, value) in columns.iter_mut().zip(row.iter()) {
                column.push(value.as_ref());
            }
            *source = Source::Done;
            Ok(1)
        }
        Source::Function(rows) => {
            let mut count = 0;
            while count < BATCH_ROWS {
                let more = rows.next(columns, BATCH_ROWS - count)?;
                if more == 0 {
                    *source = Source::Done;
                    break;
                }
                count += more;
            }
            Ok(count)
        }
    }
}
