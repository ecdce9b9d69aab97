//! Privileges as `information_schema` tells them: a row a grantee, privilege and object.

use catalog::{AclItem, Catalog, Table, oid as known, privilege};
use common::ObjectId;

use super::cells::{Cell, text, yes_no};
use super::row_set::RowSet;

/// Privileges of tables, in words.
const TABLE: [(u32, &str); 7] = [
    (privilege::INSERT, "INSERT"),
    (privilege::SELECT, "SELECT"),
    (privilege::UPDATE, "UPDATE"),
    (privilege::DELETE, "DELETE"),
    (privilege::TRUNCATE, "TRUNCATE"),
    (privilege::REFERENCES, "REFERENCES"),
    (privilege::TRIGGER, "TRIGGER"),
];

/// Those that columns have too.
const COLUMN: u32 =
    privilege::INSERT | privilege::SELECT | privilege::UPDATE | privilege::REFERENCES;

/// One privilege of one grantee.
#[derive(Clone, Copy)]
struct Grant {
    grantor: ObjectId,
    grantee: ObjectId,
    word: &'static str,
    bit: u32,
    grantable: bool,
}

/// What a list of privileges says; an empty one is everything for the owner.
fn grants(acl: &[AclItem], owner: ObjectId, words: &[(u32, &'static str)]) -> Vec<Grant> {
    let all = words.iter().fold(0, |all, (bit, _)| all | bit);
    let default = [AclItem {
        grantee: owner,
        grantor: owner,
        privileges: all,
        grant_options: all,
    }];
    let items = if acl.is_empty() { &default[..] } else { acl };
    let mut grants = Vec::new();
    for item in items {
        for &(bit, word) in words.iter().filter(|(bit, _)| item.privileges & bit != 0) {
            // Owners may grant what they have.
            let grantable = item.grant_options & bit != 0 || item.grantee == owner;
            let (grantor, grantee) = (item.grantor, item.grantee);
            grants.push(Grant {
                grantor,
                grantee,
                word,
                bit,
                grantable,
            });
        }
    }
    grants
}

fn role_cell(catalog: &Catalog, oid: ObjectId) -> Cell {
    match catalog.role(oid) {
        Some(role) => text(&role.name),
        None => text("PUBLIC"),
    }
}

fn grant_cell(catalog: &Catalog, grant: &Grant, name: &str) -> Cell {
    match name {
        "grantor" => role_cell(catalog, grant.grantor),
        "grantee" => role_cell(catalog, grant.grantee),
        "table_catalog" | "object_catalog" => catalog
            .database(known::DATABASE)
            .and_then(|database| text(&database.name)),
        "privilege_type" => text(grant.word),
        "is_grantable" => yes_no(grant.grantable),
        "with_hierarchy" => yes_no(grant.bit == privilege::SELECT),
        _ => None,
    }
}

fn table_cell(catalog: &Catalog, table: &Table, name: &str) -> Cell {
    match name {
        "table_schema" => catalog
            .schema(table.schema)
            .and_then(|schema| text(&schema.name)),
        "table_name" => text(&table.name),
        _ => None,
    }
}

pub fn tables(catalog: &Catalog, out: &mut RowSet<'_>) {
    let all = catalog.all_tables().flat_map(|table| {
        let grants = grants(&table.acl, table.owner, &TABLE);
        grants.into_iter().map(move |grant| (table, grant))
    });
    out.fill(all, |(table, grant), name| {
        table_cell(catalog, table, name).or_else(|| grant_cell(catalog, grant, name))
    });
}

/// Columns have the privileges of their table.
pub fn columns(catalog: &Catalog, out: &mut RowSet<'_>) {
    let all = catalog.all_tables().flat_map(|table| {
        let grants = grants(&table.acl, table.owner, &TABLE);
        let grants = grants.into_iter().filter(|grant| grant.bit & COLUMN != 0);
        grants.flat_map(move |grant| {
            table
                .live_columns()
                .map(move |column| (table, column, grant))
        })
    });
    out.fill(all, |(table, column, grant), name| match name {
        "column_name" => text(&column.name),
        _ => table_cell(catalog, table, name).or_else(|| grant_cell(catalog, grant, name)),
    });
}

/// USAGE of sequences.
pub fn sequences(catalog: &Catalog, out: &mut RowSet<'_>) {
    let words = [(privilege::USAGE, "USAGE")];
    let all = catalog.sequences().flat_map(|sequence| {
        let grants = grants(&sequence.acl, sequence.owner, &words);
        grants.into_iter().map(move |grant| (sequence, grant))
    });
    out.fill(all, |(sequence, grant), name| match name {
        "object_schema" => catalog
            .schema(sequence.schema)
            .and_then(|schema| text(&schema.name)),
        "object_name" => text(&sequence.name),
        "object_type" => text("SEQUENCE"),
        _ => grant_cell(catalog, grant, name),
    });
}
