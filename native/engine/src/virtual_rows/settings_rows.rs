//! `pg_settings` and `pg_timezone_names`.

use common::Result;
use types::{Datum, TypeOid};

use super::cells::{Cell, flag, maybe_text, null, text, text_array};
use super::row_set::RowSet;
use crate::session::SessionFacts;
use crate::settings::{Definition, Kind, Scope, Unit, Value};

/// A setting with its value, both as the parameter's own unit counts them.
struct Row {
    definition: &'static Definition,
    value: String,
    is_default: bool,
}

pub fn settings(facts: &SessionFacts, out: &mut RowSet<'_>) -> Result<()> {
    let settings = facts.settings.lock();
    let mut rows = Vec::new();
    for definition in crate::settings::all() {
        let shown = settings.show(definition.name)?;
        let value = plain(definition, &shown)?;
        let is_default = value == plain(definition, definition.default)?;
        rows.push(Row {
            definition,
            value,
            is_default,
        });
    }
    drop(settings);
    out.fill(rows, cell);
    Ok(())
}

/// Without a unit: `4MB` is `4096` kB.
fn plain(definition: &Definition, shown: &str) -> Result<String> {
    Ok(match Value::parse(definition, shown)? {
        Value::Int(value) => value.to_string(),
        other => other.show(definition),
    })
}

fn cell(row: &Row, name: &str) -> Cell {
    let definition = row.definition;
    match name {
        "name" => text(definition.name),
        "setting" => text(&row.value),
        "unit" => maybe_text(unit(definition.kind)),
        "category" => text("Settings"),
        "short_desc" => text(definition.description),
        "context" => text(match definition.scope {
            Scope::Session => "user",
            Scope::Internal => "internal",
        }),
        "vartype" => text(match definition.kind {
            Kind::Bool => "bool",
            Kind::Int { .. } => "integer",
            Kind::Real { .. } => "real",
            Kind::Text => "string",
            Kind::Enum(_) => "enum",
        }),
        "source" => text(if row.is_default { "default" } else { "session" }),
        "min_val" | "max_val" => range(definition.kind, name == "min_val"),
        "enumvals" => match definition.kind {
            Kind::Enum(words) => text_array(TypeOid::TEXT, words.iter().copied()),
            _ => null(),
        },
        "boot_val" | "reset_val" => match plain(definition, definition.default) {
            Ok(value) => text(&value),
            Err(_) => null(),
        },
        "pending_restart" => flag(false),
        _ => None,
    }
}

fn unit(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Int { unit, .. } => match unit {
            Unit::None => None,
            Unit::Ms => Some("ms"),
            Unit::KiB => Some("kB"),
            Unit::Blocks => Some("8kB"),
        },
        _ => None,
    }
}

fn range(kind: Kind, is_min: bool) -> Cell {
    match kind {
        Kind::Int { min, max, .. } => text(&if is_min { min } else { max }.to_string()),
        Kind::Real { min, max } => text(&if is_min { min } else { max }.to_string()),
        _ => null(),
    }
}

/// Zones of the time zone database, as they stand now.
pub fn time_zones(out: &mut RowSet<'_>) {
    let now = jiff::Timestamp::from_microsecond(common::rt::unix_micros()).unwrap_or_default();
    let zones = jiff::tz::db().available().filter_map(|name| {
        let zone = jiff::tz::TimeZone::get(name.as_str()).ok()?;
        let info = zone.to_offset_info(now);
        let (abbreviation, seconds) = (info.abbreviation().to_owned(), info.offset().seconds());
        Some((
            name.as_str().to_owned(),
            abbreviation,
            seconds,
            info.dst().is_dst(),
        ))
    });
    out.fill(
        zones,
        |(zone, abbreviation, seconds, is_dst), name| match name {
            "name" => text(zone),
            "abbrev" => text(abbreviation),
            "utc_offset" => {
                let offset = types::Interval::new(0, 0, i64::from(*seconds) * 1_000_000);
                Some(Datum::Fixed16(offset.to_bytes()))
            }
            "is_dst" => flag(*is_dst),
            _ => None,
        },
    );
}
