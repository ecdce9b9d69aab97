//! A few functions and aggregates of the tests' own.

use common::{Result, err, sqlstate};
use functions::*;
use sql::ir::*;
use types::{Collation, Datum, Physical, TypeOid, Vector};

use crate::build::INT;

fn divide(_: &EvalContext<'_>, args: &[Vector], rows: usize) -> Result<Vector> {
    let mut out = Vector::with_capacity(Physical::I32, rows);
    for row in 0..rows {
        match (args[0].get(row).as_i64(), args[1].get(row).as_i64()) {
            (Some(_), Some(0)) => {
                return Err(err!(sqlstate::DIVISION_BY_ZERO, "division by zero"));
            }
            (Some(a), Some(b)) => out.push(Datum::I32((a / b) as i32).as_ref()),
            _ => out.push_null(),
        }
    }
    Ok(out)
}

fn add(_: &EvalContext<'_>, args: &[Vector], rows: usize) -> Result<Vector> {
    let mut out = Vector::with_capacity(Physical::I32, rows);
    for row in 0..rows {
        match (args[0].get(row).as_i64(), args[1].get(row).as_i64()) {
            (Some(a), Some(b)) => out.push(Datum::I32((a + b) as i32).as_ref()),
            _ => out.push_null(),
        }
    }
    Ok(out)
}

struct Series {
    next: i64,
    last: i64,
}

impl SetRows for Series {
    fn next(&mut self, columns: &mut [Vector], rows_max: usize) -> Result<usize> {
        let mut count = 0;
        while count < rows_max && self.next <= self.last {
            columns[0].push(Datum::I32(self.next as i32).as_ref());
            self.next += 1;
            count += 1;
        }
        Ok(count)
    }
}

fn series(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let end = |at: usize| args[at].as_ref().as_i64().unwrap();
    Ok(Box::new(Series {
        next: end(0),
        last: end(1),
    }))
}

const fn def(name: &'static str, kind: FunctionKind) -> FunctionDef {
    FunctionDef {
        oid: 1,
        name,
        args: &[TypeOid::INT4, TypeOid::INT4],
        variadic: None,
        defaults: 0,
        ret: TypeOid::INT4,
        strict: true,
        volatility: Volatility::Immutable,
        kind,
    }
}

pub static DIVIDE: FunctionDef = def("int4div", FunctionKind::Scalar(divide));
pub static ADD: FunctionDef = def("int4pl", FunctionKind::Scalar(add));
pub static SERIES: FunctionDef = def(
    "generate_series",
    FunctionKind::Set {
        start: series,
        columns: &[],
    },
);

pub fn call(function: &'static FunctionDef, left: Expr, right: Expr) -> Expr {
    Expr::Call {
        function,
        args: vec![left, right],
        ty: INT,
        collation: Collation::C,
    }
}

/// Sums and counts, and the values in order of arrival.
#[derive(Default)]
struct Sums {
    counts_only: bool,
    states: Vec<(i64, i64)>,
}

impl AggregateStates for Sums {
    fn resize(&mut self, groups: usize) {
        self.states.resize(groups, (0, 0));
    }

    fn update(
        &mut self,
        _: &EvalContext<'_>,
        args: &[Vector],
        rows: &[u32],
        groups: &[u32],
    ) -> Result<()> {
        for (row, group) in rows.iter().zip(groups) {
            let state = &mut self.states[*group as usize];
            state.0 += 1;
            if let Some(value) = args.first().and_then(|arg| arg.get(*row as usize).as_i64()) {
                state.1 += value;
            }
        }
        Ok(())
    }

    fn finish(&self, _: &EvalContext<'_>, group: u32) -> Result<Datum> {
        let (count, sum) = self.states[group as usize];
        Ok(match (self.counts_only, count) {
            (true, _) => Datum::I64(count),
            (false, 0) => Datum::Null,
            (false, _) => Datum::I64(sum),
        })
    }

    fn memory_bytes(&self) -> usize {
        self.states.len() * 16
    }
}

/// Text of all values, in the order in which they came.
#[derive(Default)]
struct Lists(Vec<Vec<String>>);

impl AggregateStates for Lists {
    fn resize(&mut self, groups: usize) {
        self.0.resize(groups, Vec::new());
    }

    fn update(
        &mut self,
        _: &EvalContext<'_>,
        args: &[Vector],
        rows: &[u32],
        groups: &[u32],
    ) -> Result<()> {
        for (row, group) in rows.iter().zip(groups) {
            let value = args[0].get(*row as usize).as_i64().unwrap();
            self.0[*group as usize].push(value.to_string());
        }
        Ok(())
    }

    fn finish(&self, _: &EvalContext<'_>, group: u32) -> Result<Datum> {
        Ok(Datum::text(&self.0[group as usize].join(",")))
    }

    fn memory_bytes(&self) -> usize {
        0
    }
}

const fn aggregate(
    name: &'static str,
    ret: TypeOid,
    strict: bool,
    start: fn(&EvalContext<'_>) -> Box<dyn AggregateStates>,
) -> AggregateDef {
    AggregateDef {
        oid: 1,
        name,
        args: &[TypeOid::INT4],
        variadic: None,
        direct_args: None,
        ret,
        strict,
        start,
    }
}

pub static SUM: AggregateDef = aggregate("sum", TypeOid::INT8, true, |_| Box::new(Sums::default()));
pub static COUNT: AggregateDef = aggregate("count", TypeOid::INT8, true, |_| {
    Box::new(Sums {
        counts_only: true,
        ..Sums::default()
    })
});
pub static LIST: AggregateDef =
    aggregate("list", TypeOid::TEXT, true, |_| Box::new(Lists::default()));
pub static MAX: AggregateDef = aggregate("max", TypeOid::INT4, true, |_| Box::new(Sums::default()));

pub fn agg(id: ColumnId, function: &'static AggregateDef, args: Vec<Expr>) -> AggregateCall {
    AggregateCall {
        id,
        function,
        args,
        distinct: false,
        order_by: Vec::new(),
        filter: None,
        collation: Collation::C,
    }
}

pub fn grouped(input: Plan, keys: Vec<(ColumnId, Expr)>, calls: Vec<AggregateCall>) -> Plan {
    Plan::Aggregate(Box::new(Aggregate {
        input,
        keys,
        sets: None,
        calls,
        grouping: Vec::new(),
    }))
}
