//! Sizes of relations, in bytes: whole pages of their files.

use catalog::Relation;
use common::{Error, FileId, ObjectId, Result};
use types::Datum;

use super::arguments::Arguments;
use crate::session::SessionFacts;

/// Bytes of a page.
const PAGE_BYTES: i64 = 16384;

pub fn call(facts: &SessionFacts, name: &str, args: Arguments<'_>) -> Result<Datum> {
    let oid = args.oid(0);
    let size = match name {
        // Other forks than the main one do not exist.
        "pg_relation_size" if args.len() > 1 && args.text(1) != "main" => Some(0),
        "pg_relation_size" | "pg_table_size" => relation(facts, oid),
        "pg_indexes_size" => relation(facts, oid).map(|_| indexes(facts, oid)),
        "pg_total_relation_size" => relation(facts, oid).map(|size| size + indexes(facts, oid)),
        "pg_database_size" | "pg_tablespace_size" => Some(database(facts)),
        _ => return Err(Error::not_implemented(format!("function {name}()"))),
    };
    Ok(size.map_or(Datum::Null, Datum::I64))
}

fn file_bytes(facts: &SessionFacts, file: FileId) -> i64 {
    if file.0 == 0 {
        return 0;
    }
    let pages = facts.engine.storage().file_pages(file);
    pages.map_or(0, |pages| i64::from(pages) * PAGE_BYTES)
}

/// The file of a relation; 0 for one without storage.
fn file_of(relation: &Relation) -> FileId {
    match relation {
        Relation::Table(table) => table.file,
        Relation::Index(index) => index.file,
        Relation::Sequence(sequence) => sequence.file,
    }
}

/// None if there is no such relation.
fn relation(facts: &SessionFacts, oid: ObjectId) -> Option<i64> {
    let relation = facts.catalog.relation(oid)?;
    Some(file_bytes(facts, file_of(&relation)))
}

fn indexes(facts: &SessionFacts, table: ObjectId) -> i64 {
    facts
        .catalog
        .indexes_of(table)
        .map(|index| file_bytes(facts, index.file))
        .sum()
}

/// All relations.
fn database(facts: &SessionFacts) -> i64 {
    let tables = facts.catalog.tables().map(|table| table.file);
    let indexes = facts.catalog.indexes().map(|index| index.file);
    let sequences = facts.catalog.sequences().map(|sequence| sequence.file);
    tables
        .chain(indexes)
        .chain(sequences)
        .map(|file| file_bytes(facts, file))
        .sum()
}

pub fn file(facts: &SessionFacts, name: &str, args: Arguments<'_>) -> Datum {
    let relation = facts.catalog.relation(args.oid(0));
    match relation.as_ref().map(file_of).filter(|file| file.0 != 0) {
        Some(file) if name == "pg_relation_filenode" => Datum::oid(file.0),
        Some(file) => Datum::text(&format!("data/{file}")),
        None => Datum::Null,
    }
}
