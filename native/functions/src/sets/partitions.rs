//! Sets about partitions. No relation is partitioned, so they have no rows, as PostgreSQL's have
//! none for relations that are neither partitioned nor partitions.

use common::Result;
use types::Datum;

use crate::rows::ReadyRows;
use crate::{EvalContext, FunctionDef, SetRows, set_of};

fn ancestors(_: &EvalContext<'_>, _: &[Datum]) -> Result<Box<dyn SetRows>> {
    Ok(ReadyRows::column(Vec::new()))
}

#[rustfmt::skip]
pub(crate) const FUNCTIONS: &[FunctionDef] = &[
    FunctionDef {
        volatility: crate::Volatility::Volatile,
        ..set_of!(3425, "pg_partition_ancestors", [REGCLASS] -> REGCLASS, strict, [], ancestors)
    },
];
