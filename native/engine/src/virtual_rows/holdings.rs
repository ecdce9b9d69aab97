//! `pg_cursors` and `pg_prepared_statements`: what the session holds under names.

use std::sync::atomic::Ordering;

use types::TypeOid;

use super::cells::{flag, int8, regtype_array, text, time};
use super::row_set::RowSet;
use crate::session::SessionFacts;

pub fn cursors(facts: &SessionFacts, out: &mut RowSet<'_>) {
    let cursors = facts.handle.holdings().cursors.clone();
    out.fill(cursors, |(cursor, info), name| match name {
        "name" => text(cursor),
        "statement" => text(&info.statement),
        "is_holdable" => flag(info.is_holdable),
        "is_binary" => flag(false),
        "is_scrollable" => flag(info.is_scrollable),
        "creation_time" => time(info.created_micros),
        _ => None,
    });
}

pub fn statements(facts: &SessionFacts, out: &mut RowSet<'_>) {
    let statements = facts.handle.holdings().statements.clone();
    out.fill(statements, |(statement, info), name| match name {
        "name" => text(statement),
        "statement" => {
            let source = info.prepared.source.as_ref();
            text(source.map_or("", |source| &source.text))
        }
        "prepare_time" => time(info.prepared_micros),
        "parameter_types" => {
            let types = info.prepared.parameters.get();
            let types = types.into_iter().flat_map(|types| types.iter());
            regtype_array(types.map(|ty| TypeOid(ty.oid.0)))
        }
        "from_sql" => flag(info.is_from_sql),
        // A plan is kept whatever the parameters' values are.
        "generic_plans" => int8(info.prepared.runs.load(Ordering::Relaxed) as i64),
        "custom_plans" => int8(0),
        _ => None,
    });
}
