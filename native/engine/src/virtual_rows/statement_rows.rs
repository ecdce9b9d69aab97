//! `pg_stat_statements` and `pg_stat_statements_info`. What is not counted is NULL.

use catalog::oid as known;
use types::Datum;

use super::cells::{Cell, flag, int8, oid, text, time};
use super::row_set::RowSet;
use crate::session::SessionFacts;

pub fn statements(facts: &SessionFacts, out: &mut RowSet<'_>) {
    let list = facts.engine.statement_statistics().list();
    let float = |value: f64| -> Cell { Some(Datum::F64(value)) };
    out.fill(list, |(entry, counters), name| match name {
        "userid" => oid(entry.user),
        "dbid" => oid(known::DATABASE),
        "toplevel" => flag(true),
        "queryid" => int8(entry.query_id),
        "query" => text(&entry.text),
        "calls" => int8(counters.calls as i64),
        "rows" => int8(counters.rows as i64),
        "total_exec_time" => float(counters.total_ms),
        "min_exec_time" => float(counters.min_ms),
        "max_exec_time" => float(counters.max_ms),
        "mean_exec_time" => float(counters.mean_ms),
        "stddev_exec_time" => float(counters.deviation_ms()),
        _ => None,
    });
}

pub fn info(facts: &SessionFacts, out: &mut RowSet<'_>) {
    let info = facts.engine.statement_statistics().info();
    out.fill([info], |(evictions, reset), name| match name {
        "dealloc" => int8(*evictions as i64),
        "stats_reset" => time(*reset),
        _ => None,
    });
}
