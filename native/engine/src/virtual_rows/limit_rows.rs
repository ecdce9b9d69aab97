//! `rustydb_rate_limits` and the views beside it: the rules and quotas in force, and the limiter.

use registry::limiter::Limiter;
use serde_json::{Map, Value};
use types::Datum;

use super::cells::{Cell, int8, maybe_text, null, text};
use super::row_set::RowSet;
use crate::session::SessionFacts;

fn limiter(facts: &SessionFacts) -> &Limiter {
    facts.engine.registry().limiter()
}

fn count(value: u64) -> Cell {
    int8(value as i64)
}

/// As a client would write it: `1` without one, `bytes`.
fn cost(cost: Option<&Value>) -> Cell {
    match cost {
        None => text("1"),
        Some(Value::String(unit)) => text(unit),
        Some(other) => text(&other.to_string()),
    }
}

/// JSON.
fn conditions(conditions: Option<&Map<String, Value>>) -> Cell {
    let json = conditions.map(|all| Value::Object(all.clone()).to_string());
    maybe_text(json.as_deref())
}

pub fn rate_limits(facts: &SessionFacts, out: &mut RowSet<'_>) {
    let set = limiter(facts).rules();
    out.fill(&set.rules, |rule, name| {
        let of = &rule.definition;
        match name {
            "id" => text(&of.id),
            "key" => text(&of.key),
            "algorithm" => text(&of.algorithm),
            "requests" => count(of.requests),
            "window_secs" => count(of.window_secs),
            "burst" => of.burst.map_or_else(null, count),
            "cost" => cost(of.cost.as_ref()),
            "match" => conditions(of.conditions.as_ref()),
            _ => text(rule.source()),
        }
    });
}

pub fn quotas(facts: &SessionFacts, out: &mut RowSet<'_>) {
    let set = limiter(facts).rules();
    out.fill(&set.quotas, |quota, name| {
        let of = &quota.definition;
        match name {
            "id" => text(&of.id),
            "key" => text(&of.key),
            "period" => text(&of.period),
            "units" => count(of.limit),
            "cost" => cost(of.cost.as_ref()),
            _ => conditions(of.conditions.as_ref()),
        }
    });
}

pub fn limiter_row(facts: &SessionFacts, out: &mut RowSet<'_>) {
    out.fill([limiter(facts).statistics()], |of, name| match name {
        "clients" => count(of.clients),
        "clients_peak" => count(of.clients_peak),
        "clients_max" => count(of.clients_max),
        "memory_bytes" => count(of.memory_bytes),
        "quota_counts" => count(of.quota_counts),
        "denied" => count(of.denied),
        "overflows" => count(of.overflows),
        "quota_failures" => count(of.quota_failures),
        _ => Some(Datum::F64(of.slowness)),
    });
}
