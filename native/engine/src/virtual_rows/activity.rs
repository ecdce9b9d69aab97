//! `pg_locks`, `pg_stat_activity`, `pg_stat_database`: what sessions do now.

use catalog::oid as known;
use hashbrown::HashMap;
use txn::{AdvisoryKey, LockInfo, LockKey, LockMode};

use super::cells::{Cell, flag, int2, int4, int8, maybe_text, null, number, oid, text, time};
use super::row_set::RowSet;
use crate::session::SessionFacts;
use crate::session::{Activity, ActivityState, SessionHandle};

/// Bits of a row's number that stand for the item within a page, where PostgreSQL's form is asked.
const ITEM_BITS: u32 = 16;

pub fn locks(facts: &SessionFacts, out: &mut RowSet<'_>) {
    let list = facts.engine.txns().locks().list();
    // One line a row, as PostgreSQL has it, where a lock is of several rows of a block.
    let lines = list.into_iter().flat_map(|lock| {
        let bits = match lock.key {
            LockKey::Rows { .. } => lock.bits,
            _ => 1,
        };
        let bits = (0..u64::BITS)
            .map(|bit| 1u64 << bit)
            .filter(move |bit| bits & bit != 0);
        bits.map(move |bit| (lock.clone(), bit))
    });
    out.fill(lines, |(lock, bit), name| lock_cell(lock, *bit, name));
}

fn lock_cell(lock: &LockInfo, bit: u64, name: &str) -> Cell {
    let row = lock.key.row_of(bit);
    match name {
        "locktype" => text(match lock.key {
            LockKey::Table(_) => "relation",
            LockKey::Object { .. } => "object",
            LockKey::Rows { .. } => "tuple",
            LockKey::Transaction(_) => "transactionid",
            LockKey::Advisory(_) => "advisory",
        }),
        "database" => match lock.key {
            LockKey::Transaction(_) => null(),
            _ => oid(known::DATABASE),
        },
        "relation" => match (lock.key, row) {
            (LockKey::Table(table), _) | (_, Some((table, _))) => oid(table),
            _ => null(),
        },
        "page" => row.and_then(|(_, row)| int4((row.0 >> ITEM_BITS) as i32)),
        "tuple" => row.and_then(|(_, row)| int2(row.0 as i16)),
        "transactionid" => match lock.key {
            LockKey::Transaction(xid) => number(xid.0 as u32),
            _ => null(),
        },
        "classid" | "objid" | "objsubid" => object_cell(lock.key, name),
        // Sessions have one transaction at a time: the session's number stands for it.
        "virtualtransaction" => text(&format!("{}/{}", lock.pid, lock.xid.0)),
        "pid" => int4(lock.pid as i32),
        "mode" => text(mode_name(lock.mode)),
        "granted" => flag(lock.is_granted),
        "fastpath" => flag(lock.is_fast_path),
        "waitstart" => lock.wait_start_micros.and_then(time),
        _ => None,
    }
}

/// Advisory keys as PostgreSQL splits them.
fn object_cell(key: LockKey, name: &str) -> Cell {
    let (class, object, sub) = match key {
        LockKey::Object { class, object } => (class.0, object.0, 0),
        LockKey::Advisory(AdvisoryKey::Big(key)) => ((key as u64 >> 32) as u32, key as u32, 1),
        LockKey::Advisory(AdvisoryKey::Pair(a, b)) => (a as u32, b as u32, 2),
        _ => return null(),
    };
    match name {
        "classid" => number(class),
        "objid" => number(object),
        _ => int2(sub),
    }
}

fn mode_name(mode: LockMode) -> &'static str {
    match mode {
        LockMode::AccessShare => "AccessShareLock",
        LockMode::RowShare => "RowShareLock",
        LockMode::RowExclusive => "RowExclusiveLock",
        LockMode::ShareUpdateExclusive => "ShareUpdateExclusiveLock",
        LockMode::Share => "ShareLock",
        LockMode::ShareRowExclusive => "ShareRowExclusiveLock",
        LockMode::Exclusive => "ExclusiveLock",
        LockMode::AccessExclusive => "AccessExclusiveLock",
    }
}

pub fn sessions(facts: &SessionFacts, out: &mut RowSet<'_>) {
    let list = facts.engine.sessions().list();
    let locks = facts.engine.txns().locks().list();
    let waiting = locks.into_iter().filter(|lock| !lock.is_granted);
    let waiting: HashMap<u32, LockKey> = waiting.map(|lock| (lock.pid, lock.key)).collect();
    let lines = list.into_iter().map(|handle| {
        let activity = handle.activity();
        (handle, activity)
    });
    out.fill(lines, |(handle, activity), name| {
        session_cell(facts, handle, activity, &waiting, name)
    });
}

fn session_cell(
    facts: &SessionFacts,
    handle: &SessionHandle,
    activity: &Activity,
    waiting: &HashMap<u32, LockKey>,
    name: &str,
) -> Cell {
    let address = || activity.client_address.rsplit_once(':');
    match name {
        "datid" => oid(known::DATABASE),
        "datname" => text(&activity.database),
        "pid" => int4(handle.pid() as i32),
        "usesysid" => facts
            .catalog
            .role_by_name(&activity.user)
            .and_then(|role| oid(role.oid)),
        "usename" => text(&activity.user),
        "application_name" => text(&activity.application),
        "client_addr" => maybe_text(address().map(|(host, _)| host)),
        "client_port" => {
            let port = address().and_then(|(_, port)| port.parse::<i32>().ok());
            int4(port.unwrap_or(-1))
        }
        "backend_start" => time(activity.backend_start_micros),
        "xact_start" => activity.transaction_start_micros.and_then(time),
        "query_start" => activity.query_start_micros.and_then(time),
        "state_change" => time(activity.state_change_micros),
        "wait_event_type" => maybe_text(wait_of(handle, activity, waiting).map(|wait| wait.0)),
        "wait_event" => maybe_text(wait_of(handle, activity, waiting).map(|wait| wait.1)),
        "state" => text(activity.state.as_str()),
        "backend_xid" => match handle.backend.xid().0 {
            0 => null(),
            xid => number(xid as u32),
        },
        "backend_xmin" => match (handle.backend.snapshot_no(), handle.backend.xmin().0) {
            (None, _) | (_, 0) => null(),
            (Some(_), xmin) => number(xmin as u32),
        },
        "query_id" => activity.query_id.and_then(int8),
        "query" => text(activity.query.as_deref().unwrap_or_default()),
        "backend_type" => text("client backend"),
        _ => None,
    }
}

/// What a session waits for, in PostgreSQL's words: a lock by its kind, its client, or what it said
/// itself. Who waits for a row waits for the transaction that has it.
fn wait_of(
    handle: &SessionHandle,
    activity: &Activity,
    waiting: &HashMap<u32, LockKey>,
) -> Option<(&'static str, &'static str)> {
    if let Some(key) = waiting.get(&handle.pid()) {
        let event = match key {
            LockKey::Table(_) => "relation",
            LockKey::Object { .. } => "object",
            LockKey::Rows { .. } | LockKey::Transaction(_) => "transactionid",
            LockKey::Advisory(_) => "advisory",
        };
        return Some(("Lock", event));
    }
    match activity.state {
        ActivityState::Active => activity.wait,
        _ => Some(("Client", "ClientRead")),
    }
}

/// The one database; what is not counted is NULL.
pub fn databases(facts: &SessionFacts, out: &mut RowSet<'_>) {
    let sessions = facts.engine.sessions().len();
    out.fill(facts.catalog.databases(), |database, name| match name {
        "datid" => oid(database.oid),
        "datname" => text(&database.name),
        "numbackends" => int4(sessions as i32),
        _ => None,
    });
}
