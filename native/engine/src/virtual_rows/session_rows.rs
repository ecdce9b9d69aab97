//! `rustydb_sessions`: every session with what it holds beyond its transaction.

use super::cells::{int4, int8, maybe_text, text, time};
use super::row_set::RowSet;
use crate::session::SessionFacts;

pub fn sessions(facts: &SessionFacts, out: &mut RowSet<'_>) {
    let list = facts.engine.sessions().list();
    let lines = list.into_iter().map(|handle| {
        let activity = handle.activity();
        (handle, activity)
    });
    let count = |len: usize| int4(i32::try_from(len).unwrap_or(i32::MAX));
    out.fill(lines, |(handle, activity), name| match name {
        "pid" => int4(handle.pid() as i32),
        "usename" => text(&activity.user),
        "datname" => text(&activity.database),
        "application_name" => text(&activity.application),
        "client_address" => {
            let address = &activity.client_address;
            maybe_text((!address.is_empty()).then_some(address))
        }
        "state" => text(activity.state.as_str()),
        "backend_start" => time(activity.backend_start_micros),
        "state_change" => time(activity.state_change_micros),
        "temp_relations" => {
            let schema = handle.holdings().temp_schema.clone();
            let schema = schema.and_then(|name| facts.catalog.schema_by_name(&name).cloned());
            count(schema.map_or(0, |s| facts.catalog.relations_in(s.oid).count()))
        }
        "cursors" => count(handle.holdings().cursors.len()),
        "prepared_statements" => count(handle.holdings().statements.len()),
        "channels" => {
            let log = facts.engine.streams().notifications();
            count(log.topics(handle.pid()).len())
        }
        "advisory_locks" => {
            let locks = facts.engine.txns().locks();
            count(locks.session_advisory(&handle.backend).len())
        }
        "cursor_memory_bytes" => {
            let held = handle.holdings();
            let bytes: usize = held.cursors.values().map(|info| info.memory_bytes).sum();
            int8(bytes as i64)
        }
        _ => None,
    });
}
