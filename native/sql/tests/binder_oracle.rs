//! The binder against PostgreSQL 15: each statement of `binder/cases.sql` comes to the columns,
//! parameter types or error that `binder/expected.txt` recorded from it (see `binder/oracle.py`).
//!
//! The schema of `binder/schema.sql` is made by our own analysis of DDL. Statements that ask for
//! something not built are listed in `binder/differences.txt` with what they come to here.

#[allow(dead_code, reason = "each test uses a part of it")]
mod support;

use support::Database;

/// What one statement comes to, in the form of `expected.txt`.
fn outcome(database: &Database, sql: &str) -> String {
    match database.bind(sql) {
        Ok(bound) => {
            let columns: Vec<String> = bound
                .query
                .output
                .iter()
                .map(|c| format!("{}:{}", c.name, database.type_name(c.ty)))
                .collect();
            let params: Vec<String> = bound
                .query
                .params
                .iter()
                .map(|ty| database.type_name(*ty))
                .collect();
            let mut line = format!("ok {}", columns.join(","));
            if !params.is_empty() {
                line.push_str(&format!(" | {}", params.join(",")));
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
            ];
            let text = parts.join(" / ");
            let text = text.trim_end_matches([' ', '/']);
            format!("error {} {position} {text}", error.state)
        }
    }
}

#[test]
fn statements_come_to_what_postgresql_makes_of_them() {
    let mut database = Database::new();
    for statement in include_str!("binder/schema.sql").lines() {
        database.run(statement);
    }
    let cases = include_str!("binder/cases.sql").lines();
    let expected = include_str!("binder/expected.txt").lines();
    let differences = include_str!("binder/differences.txt");
    let mut wrong = Vec::new();
    for (case, expected) in cases.zip(expected) {
        if case.is_empty() || case.starts_with("--") {
            continue;
        }
        let actual = outcome(&database, case);
        let accepted = format!("{case}\n    {actual}\n");
        if actual != expected && !differences.contains(&accepted) {
            wrong.push(format!("{case}\n    ours: {actual}\n    want: {expected}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
