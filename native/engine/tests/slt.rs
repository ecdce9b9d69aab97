//! Runs the sqllogictest files of `tests/sql`, each in a database of its own.
//!
//! A record is `statement ok`, `statement count N` or `statement error SQLSTATE`, then SQL up to an
//! empty line; or `query TYPES [rowsort]`, SQL, `----` and one line a row, values separated by `|`,
//! NULL as `NULL`, the empty string as `(empty)`, a line feed as `\n`. TYPES has a letter a column.
//! `tests/sql/record.ts` writes the expectations, from a real PostgreSQL.

mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use support::{Answer, Client};

enum Expected {
    Ok,
    Count(u64),
    Error(String),
    Rows {
        columns: usize,
        sorted: bool,
        rows: Vec<String>,
    },
}

struct Record {
    line: usize,
    sql: String,
    expected: Expected,
}

fn expectation(header: &str) -> Expected {
    let words: Vec<&str> = header.split_whitespace().collect();
    match words.as_slice() {
        ["statement", "ok"] => Expected::Ok,
        ["statement", "count", count] => Expected::Count(count.parse().expect("a count of rows")),
        ["statement", "error", state] => Expected::Error((*state).to_owned()),
        ["query", types, rest @ ..] => Expected::Rows {
            columns: types.len(),
            sorted: rest.contains(&"rowsort"),
            rows: Vec::new(),
        },
        _ => panic!("not a record: {header}"),
    }
}

fn parse(text: &str) -> Vec<Record> {
    let mut records = Vec::new();
    let mut lines = text.lines().enumerate().peekable();
    while let Some((at, header)) = lines.next() {
        if header.trim().is_empty() || header.starts_with('#') {
            continue;
        }
        let mut record = Record {
            line: at + 1,
            sql: String::new(),
            expected: expectation(header),
        };
        let mut in_rows = false;
        while let Some((_, line)) = lines.next_if(|(_, line)| !line.is_empty()) {
            match &mut record.expected {
                Expected::Rows { rows, .. } if in_rows => rows.push(line.to_owned()),
                Expected::Rows { .. } if line == "----" => in_rows = true,
                _ => {
                    record.sql.push_str(line);
                    record.sql.push('\n');
                }
            }
        }
        records.push(record);
    }
    records
}

fn row_text(row: &[Option<String>]) -> String {
    let values: Vec<String> = row
        .iter()
        .map(|value| match value.as_deref() {
            None => "NULL".to_owned(),
            Some("") => "(empty)".to_owned(),
            Some(text) => text.replace('\n', "\\n"),
        })
        .collect();
    values.join("|")
}

/// What is wrong with an answer; None when it is as expected.
fn difference(record: &Record, result: common::Result<Vec<Answer>>) -> Option<String> {
    match (&record.expected, result) {
        (Expected::Error(state), Err(error)) => {
            let error = error.into_sql();
            (error.state.to_string() != *state)
                .then(|| format!("expected {state}, got {}: {}", error.state, error.message))
        }
        (Expected::Error(state), Ok(_)) => Some(format!("expected {state}, and it went well")),
        (_, Err(error)) => {
            let error = error.into_sql();
            Some(format!("error {}: {}", error.state, error.message))
        }
        (Expected::Ok, Ok(_)) => None,
        (Expected::Count(count), Ok(answers)) => {
            let tag = answers.last().map_or("", |answer| answer.tag.as_str());
            let got = tag.rsplit(' ').next().unwrap_or_default();
            (got != count.to_string()).then(|| format!("expected {count} rows, got {tag}"))
        }
        (
            Expected::Rows {
                columns,
                sorted,
                rows,
            },
            Ok(answers),
        ) => {
            let answer = answers.last()?;
            let mut got: Vec<String> = answer.rows.iter().map(|row| row_text(row)).collect();
            if *sorted {
                got.sort_unstable();
            }
            (answer.columns.len() != *columns || got != *rows).then(|| {
                format!(
                    "expected {columns} columns:\n  {}\ngot {}:\n  {}",
                    rows.join("\n  "),
                    answer.columns.len(),
                    got.join("\n  ")
                )
            })
        }
    }
}

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("tests/sql is there") {
        let path = entry.expect("an entry reads").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "slt") {
            found.push(path);
        }
    }
}

/// Runs one file; the number of its records, and what went wrong.
fn run_file(path: &Path) -> (usize, String) {
    let text = std::fs::read_to_string(path).expect("a test file reads");
    let engine = support::open();
    let mut client = Client::connect(&engine);
    let records = parse(&text);
    let mut report = String::new();
    for record in &records {
        if let Some(difference) = difference(record, client.run(&record.sql)) {
            let _ = writeln!(
                report,
                "{}:{}: {}{difference}\n",
                path.file_name().unwrap_or_default().display(),
                record.line,
                record.sql
            );
        }
    }
    drop(client);
    engine.close().expect("the engine closes");
    (records.len(), report)
}

#[test]
fn sql_files_answer_as_postgresql_does() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sql");
    let mut paths = Vec::new();
    files(&root, &mut paths);
    paths.sort();
    let only = std::env::var("SLT_FILE").unwrap_or_default();
    let mut report = String::new();
    let mut records = 0;
    for path in paths
        .iter()
        .filter(|path| path.to_string_lossy().contains(&only))
    {
        let (count, wrong) = run_file(path);
        records += count;
        report.push_str(&wrong);
    }
    println!("{records} records");
    assert!(records > 0, "no records in {}", root.display());
    assert!(report.is_empty(), "{report}");
}
