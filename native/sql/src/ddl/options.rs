//! Storage parameters.

use common::{Result, err, sqlstate};
use parser as ast;

/// Parameters that tables and indexes take; what has no meaning here is kept and shown.
const KNOWN: &[&str] = &[
    "fillfactor",
    "toast_tuple_target",
    "parallel_workers",
    "autovacuum_enabled",
    "autovacuum_vacuum_threshold",
    "autovacuum_vacuum_scale_factor",
    "autovacuum_vacuum_insert_threshold",
    "autovacuum_vacuum_insert_scale_factor",
    "autovacuum_analyze_threshold",
    "autovacuum_analyze_scale_factor",
    "autovacuum_vacuum_cost_delay",
    "autovacuum_vacuum_cost_limit",
    "autovacuum_freeze_min_age",
    "autovacuum_freeze_max_age",
    "autovacuum_freeze_table_age",
    "vacuum_index_cleanup",
    "vacuum_truncate",
    "log_autovacuum_min_duration",
    "user_catalog_table",
    "deduplicate_items",
    "security_barrier",
    "security_invoker",
    "check_option",
    "oids",
];

/// Checks names and gives the parameters as text. 22023 for an unknown one.
pub(super) fn storage_options(options: &[ast::UtilityOption]) -> Result<Vec<(String, String)>> {
    let mut out = Vec::with_capacity(options.len());
    for option in options {
        if option.namespace.as_deref() == Some("toast") {
            continue;
        }
        if !KNOWN.contains(&option.name.as_str()) {
            return Err(err!(
                sqlstate::INVALID_PARAMETER_VALUE,
                "unrecognized parameter \"{}\"",
                option.name
            ));
        }
        if option.name == "oids" {
            match option.value.as_bool() {
                Some(false) => continue,
                _ => {
                    return Err(err!(
                        sqlstate::FEATURE_NOT_SUPPORTED,
                        "tables declared WITH OIDS are not supported"
                    ));
                }
            }
        }
        let value = option
            .value
            .as_text()
            .map_or_else(|| "true".into(), |v| v.into_owned());
        out.push((option.name.clone(), value));
    }
    Ok(out)
}
