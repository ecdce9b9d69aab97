//! DDL against PostgreSQL 15: each statement of `binder/ddl_cases.sql`, in order, answers what
//! `binder/ddl_expected.txt` recorded from it (see `binder/oracle_ddl.py`), notices included; the
//! constraints and indexes that are left are defined the same.

#[allow(dead_code, reason = "each test uses a part of it")]
mod support;

use catalog::Describer;
use sql::binder::Severity;
use support::Database;

fn outcome(database: &mut Database, statement: &str) -> String {
    match database.apply(statement) {
        Ok(plan) => {
            let mut line = String::from("ok");
            for notice in plan.notices {
                let severity = match notice.severity {
                    Severity::Notice => "NOTICE",
                    Severity::Warning => "WARNING",
                };
                let parts = [notice.message, notice.detail.unwrap_or_default()].join(" / ");
                let text = parts.trim_end_matches([' ', '/']).replace('\n', "; ");
                line.push_str(&format!(" | {severity} {} {text}", notice.state));
            }
            line
        }
        Err(error) => {
            let error = error.into_sql();
            let position = error.position.map_or("-".into(), |p| p.to_string());
            let parts = [
                error.message.clone(),
                error.detail.clone().unwrap_or_default(),
                error.hint.clone().unwrap_or_default(),
            ]
            .join(" / ");
            let text = parts.trim_end_matches([' ', '/']).replace('\n', "; ");
            format!("error {} {position} {text}", error.state)
        }
    }
}

/// Constraints and indexes of users, as SQL.
fn definitions(database: &Database) -> Vec<String> {
    let catalog = &database.catalog;
    let path = [catalog::oid::PG_CATALOG, catalog::oid::PUBLIC];
    let names = Describer {
        catalog,
        path: &path,
    };
    let mut constraints: Vec<_> = catalog.constraints().collect();
    constraints.sort_by(|a, b| a.name.cmp(&b.name));
    let mut indexes: Vec<_> = catalog.indexes().collect();
    indexes.sort_by(|a, b| a.name.cmp(&b.name));
    let constraints = constraints.into_iter().map(|c| {
        format!(
            "-- {}: {}",
            c.name,
            catalog::constraint_definition(names, c)
        )
    });
    let indexes = indexes
        .into_iter()
        .map(|i| format!("-- {}", catalog::index_definition(names, i)));
    constraints.chain(indexes).collect()
}

#[test]
fn statements_answer_what_postgresql_answers() {
    let mut database = Database::new();
    let mut expected = include_str!("binder/ddl_expected.txt").lines();
    let differences = include_str!("binder/ddl_differences.txt");
    let mut wrong = Vec::new();
    for case in include_str!("binder/ddl_cases.sql").lines() {
        let expected = expected.next().unwrap_or_default();
        let actual = outcome(&mut database, case);
        let accepted = format!("{case}\n    {actual}\n");
        if actual != expected && !differences.contains(&accepted) {
            wrong.push(format!("{case}\n    ours: {actual}\n    want: {expected}"));
        }
    }
    let left = definitions(&database);
    let mut left = left.iter();
    for expected in expected {
        let actual = left.next().map_or("", String::as_str);
        let accepted = format!("{expected}\n    {actual}\n");
        if actual != expected && !differences.contains(&accepted) {
            wrong.push(format!(
                "definition\n    ours: {actual}\n    want: {expected}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
