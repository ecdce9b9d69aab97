//! Rows of `pg_catalog` that every PostgreSQL 15 has: types, operators, casts, operator classes.
//!
//! `system_rows.txt` has a section a relation: `# name column ...`, then rows in COPY's text form
//! with those columns; oids of functions and types are numbers. What this program does not have is
//! among them too: who makes rows of it asks the registries of types and functions first.

use hashbrown::HashMap;
use std::sync::OnceLock;

const ROWS: &str = include_str!("../../data/system_rows.txt");

/// The fixed rows of one relation.
#[derive(Debug)]
pub struct SystemRows {
    /// The columns that are given; others have their type's zero or NULL.
    pub columns: Vec<&'static str>,
    /// Rows as COPY writes them: fields with tabs between.
    pub lines: Vec<&'static str>,
}

/// The fixed rows of a relation of `pg_catalog`, if it has any.
pub fn system_rows(relation: &str) -> Option<&'static SystemRows> {
    static LIST: OnceLock<HashMap<&'static str, SystemRows>> = OnceLock::new();
    LIST.get_or_init(parse).get(relation)
}

fn parse() -> HashMap<&'static str, SystemRows> {
    let mut list = HashMap::new();
    for section in ROWS.strip_prefix("# ").unwrap_or(ROWS).split("\n# ") {
        let mut lines = section.lines();
        let mut words = lines.next().unwrap_or_default().split(' ');
        let name = words.next().unwrap_or_default();
        let rows = SystemRows {
            columns: words.collect(),
            lines: lines.collect(),
        };
        list.insert(name, rows);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_the_columns_of_their_relation() {
        for (name, rows) in parse() {
            let schema = crate::oid::PG_CATALOG;
            let table = crate::system::system_relations()
                .by_name(schema, name)
                .expect(name);
            for column in &rows.columns {
                assert!(table.column(column).is_some(), "{name}.{column}");
            }
            assert!(!rows.lines.is_empty());
            for line in &rows.lines {
                assert_eq!(line.split('\t').count(), rows.columns.len(), "{line}");
            }
        }
    }
}
