//! `rustydb_pools` and the views beside it: the pool, its partitions, slots, waiters and leaks.

use registry::pool::{Histogram, Pool, SlotInfo, SlotState};
use types::{Datum, DatumRef, TypeOid, build_array};

use super::cells::{Cell, flag, int4, int8, null, text, time};
use super::row_set::RowSet;
use crate::session::SessionFacts;

/// The one pool's name.
const POOL: &str = "default";
/// Waiters that are shown of a partition.
const WAITERS_MAX: usize = 10_000;
/// Holders that are named to a waiter, the longest first.
const BLOCKERS_MAX: usize = 100;

fn pool(facts: &SessionFacts) -> &Pool {
    facts.engine.registry().pool()
}

fn size(value: u32) -> Cell {
    int4(i32::try_from(value).unwrap_or(i32::MAX))
}

fn count(value: u64) -> Cell {
    int8(value as i64)
}

/// NULL where no session is known.
fn pid(owner: u32) -> Cell {
    if owner == 0 { null() } else { size(owner) }
}

fn millis(ns: u64) -> Cell {
    Some(Datum::F64(ns as f64 / 1e6))
}

fn duration(of: &Histogram, what: &str) -> Cell {
    match what {
        "avg_ms" => millis(of.mean_ns()),
        "p50_ms" => millis(of.quantile_ns(0.5)),
        "p99_ms" => millis(of.quantile_ns(0.99)),
        _ => millis(of.max_ns()),
    }
}

pub fn pools(facts: &SessionFacts, out: &mut RowSet<'_>) {
    out.fill([pool(facts).statistics()], |of, name| match name {
        "name" => text(POOL),
        "state" => text(if of.is_paused { "paused" } else { "running" }),
        "max_size" => size(of.max_size),
        "total" => size(of.total),
        "active" => size(of.active),
        "idle" => size(of.idle),
        "waiting" => size(of.waiting),
        "waiting_max" => size(of.waiting_max),
        "acquired" => count(of.acquired),
        "refused" => count(of.refused),
        "timed_out" => count(of.timed_out),
        "abandoned" => count(of.abandoned),
        "created" => count(of.created),
        "closed" => count(of.closed),
        "leaks" => count(of.leaks),
        _ => match name.split_once('_') {
            Some(("wait", what)) => duration(&of.waits, what),
            Some((_, what)) => duration(&of.holds, what),
            None => None,
        },
    });
}

pub fn partitions(facts: &SessionFacts, out: &mut RowSet<'_>) {
    out.fill(pool(facts).partitions(), |of, name| match name {
        "pool" => text(POOL),
        "name" => text(&of.options.name),
        "min_size" => size(of.options.min_size),
        "max_size" => size(of.options.max_size),
        "max_wait_queue_size" => size(of.options.max_wait_queue_size),
        "may_borrow" => flag(of.options.may_borrow),
        "lends" => flag(of.options.lends),
        "active" => size(of.active),
        "waiting" => size(of.waiting),
        "granted" => count(of.counts.granted),
        "waited" => count(of.counts.waited),
        "refused" => count(of.counts.refused),
        "timed_out" => count(of.counts.timed_out),
        "borrowed" => count(of.counts.borrowed),
        "active_max" => size(of.counts.active_max),
        _ => size(of.counts.waiting_max),
    });
}

pub fn slots(facts: &SessionFacts, out: &mut RowSet<'_>) {
    out.fill(pool(facts).slots(), |of, name| match name {
        "pool" => text(POOL),
        "slot" => size(of.slot),
        "state" => text(of.state.as_str()),
        "partition" => text(&of.partition),
        "pid" => pid(of.owner),
        "age_ms" => count(of.age_ms),
        "since_ms" => count(of.since_ms),
        _ => count(of.uses),
    });
}

/// The sessions that hold slots, the one that does so for longest first.
fn holders(pool: &Pool) -> Cell {
    let mut held: Vec<SlotInfo> = pool.slots();
    held.retain(|slot| slot.state == SlotState::Active && slot.owner != 0);
    held.sort_by_key(|slot| std::cmp::Reverse(slot.since_ms));
    let pids = held.iter().take(BLOCKERS_MAX);
    Some(build_array(
        TypeOid::INT4,
        pids.map(|slot| DatumRef::I32(slot.owner as i32)),
    ))
}

pub fn waiters(facts: &SessionFacts, out: &mut RowSet<'_>) {
    let now_micros = common::rt::unix_micros();
    let blockers = holders(pool(facts));
    let waiting = pool(facts).waiters(WAITERS_MAX);
    out.fill(waiting, |of, name| match name {
        "pool" => text(POOL),
        "partition" => text(&of.partition),
        "position" => size(of.position),
        "class" => text(of.priority.as_str()),
        "pid" => pid(of.owner),
        "waited_ms" => count(of.waited_ms),
        "deadline" => of
            .remaining_ms
            .and_then(|ms| time(now_micros.saturating_add((ms * 1000) as i64))),
        "expected_ms" => of.expected_ms.and_then(count),
        _ => blockers.clone(),
    });
}

pub fn leaks(facts: &SessionFacts, out: &mut RowSet<'_>) {
    out.fill(pool(facts).leaks(), |leak, name| match name {
        "pool" => text(POOL),
        "slot" => size(leak.slot),
        "pid" => pid(leak.owner),
        "held_ms" => count(leak.held_ms),
        "reported_at" => time(leak.reported_micros),
        "was_reclaimed" => flag(leak.was_reclaimed),
        "usename" => text(&leak.evidence.user),
        "application_name" => text(&leak.evidence.application),
        "client_address" => text(&leak.evidence.client_address),
        "query" => text(&leak.evidence.query),
        "state" => text(&leak.evidence.state),
        _ => count(leak.evidence.idle_ms),
    });
}
