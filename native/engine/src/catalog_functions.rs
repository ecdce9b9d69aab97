//! Session functions that speak of the catalog.

use common::{Error, Result};
use types::Datum;

use crate::session::SessionFacts;

/// Calls the function `name`; 0A000 for one that is in the list but not built.
pub fn call(facts: &SessionFacts, name: &str, args: &[Datum]) -> Result<Datum> {
    let _ = args;
    Ok(match name {
        "current_schema" => match facts.search_path.first() {
            Some(schema) => match facts.catalog.schema(*schema) {
                Some(schema) => Datum::text(&schema.name),
                None => Datum::Null,
            },
            None => Datum::Null,
        },
        "pg_client_encoding" | "getdatabaseencoding" => Datum::text("UTF8"),
        other => return Err(Error::not_implemented(format!("function {other}()"))),
    })
}
