//! Objects as SQL: `pg_get_indexdef`, `pg_get_constraintdef`, `pg_get_viewdef`, `pg_get_expr`.

use catalog::{Constraint, ConstraintKind, Describer, Index, Relation, Table, quote_identifier};
use catalog::{constraint_definition, display_expression, index_column_definition};
use catalog::{index_definition, view_definition};
use common::{ObjectId, Result, err, sqlstate};
use types::Datum;

use super::arguments::{Arguments, text_or_null};
use super::names::{find_relation, full_path};
use crate::session::SessionFacts;

/// None if the function is not of this subject.
pub fn call(facts: &SessionFacts, name: &str, args: Arguments<'_>) -> Result<Option<Datum>> {
    let path = full_path(facts);
    let names = Describer {
        catalog: &facts.catalog,
        path: &path,
    };
    let oid = args.oid(0);
    Ok(Some(match name {
        "pg_get_expr" => Datum::text(&unqualified(&display_expression(names, args.text(0)))),
        "pg_get_constraintdef" => constraint(facts, names, oid, args.flag(1)),
        "pg_get_indexdef" => match facts.catalog.index(oid) {
            Some(index) => index_text(facts, names, index, args),
            None => Datum::Null,
        },
        "pg_get_viewdef" => {
            let oid = match args.is_text(0) {
                true => named_relation(facts, args.text(0))?.oid(),
                false => oid,
            };
            text_or_null(view(facts, oid).map(|view| view_text(names, view)))
        }
        "pg_get_ruledef" => {
            text_or_null(view(facts, oid).map(|view| rule_text(facts, names, view)))
        }
        // None of them exists here.
        "pg_get_triggerdef"
        | "pg_get_functiondef"
        | "pg_get_function_sqlbody"
        | "pg_get_statisticsobjdef"
        | "pg_get_statisticsobjdef_columns"
        | "pg_get_partkeydef"
        | "pg_get_partition_constraintdef" => Datum::Null,
        _ => return Ok(None),
    }))
}

/// Without the schema that definitions are stored with.
fn unqualified(text: &str) -> String {
    text.replace("pg_catalog.", "")
}

fn view(facts: &SessionFacts, oid: ObjectId) -> Option<&Table> {
    facts
        .catalog
        .table(oid)
        .filter(|table| table.query.is_some())
        .map(|table| &**table)
}

/// Stored queries end with or without a semicolon; the answer has one.
fn view_text(names: Describer<'_>, view: &Table) -> String {
    let text = unqualified(&view_definition(names, view));
    format!("{};", text.trim_end_matches(';'))
}

fn rule_text(facts: &SessionFacts, names: Describer<'_>, view: &Table) -> String {
    let schema = facts
        .catalog
        .schema(view.schema)
        .map_or("", |s| s.name.as_str());
    let name = format!(
        "{}.{}",
        quote_identifier(schema),
        quote_identifier(&view.name)
    );
    let query = view_text(names, view);
    format!("CREATE RULE \"_RETURN\" AS\n    ON SELECT TO {name} DO INSTEAD {query}")
}

fn constraint(facts: &SessionFacts, names: Describer<'_>, oid: ObjectId, pretty: bool) -> Datum {
    if let Some(constraint) = facts.catalog.constraint(oid) {
        return Datum::text(&constraint_text(names, constraint, pretty));
    }
    let mut checks = facts.catalog.user_types().flat_map(|ty| &ty.checks);
    let check = checks.find(|check| check.oid == oid);
    text_or_null(check.map(|check| {
        let valid = if check.validated { "" } else { " NOT VALID" };
        let text = unqualified(&display_expression(names, &check.expression));
        let text = if pretty { text } else { format!("({text})") };
        format!("CHECK ({text}){valid}")
    }))
}

/// A check in the form for people has one pair of parentheses.
fn constraint_text(names: Describer<'_>, constraint: &Constraint, pretty: bool) -> String {
    let text = unqualified(&constraint_definition(names, constraint));
    if constraint.kind != ConstraintKind::Check || !pretty {
        return text;
    }
    match text.strip_prefix("CHECK ((").and_then(|rest| {
        let end = rest.rfind("))")?;
        Some((&rest[..end], &rest[end + 2..]))
    }) {
        Some((condition, tail)) => format!("CHECK ({condition}){tail}"),
        None => text,
    }
}

/// `pg_get_indexdef(oid)`, and its form for one column: `(oid, number, pretty)`, 0 being all.
fn index_text(
    facts: &SessionFacts,
    names: Describer<'_>,
    index: &Index,
    args: Arguments<'_>,
) -> Datum {
    let number = args.integer(1).unwrap_or(0);
    if number > 0 {
        let count = (index.keys.len() + index.include.len()) as i64;
        if number > count {
            return Datum::text("");
        }
        let text = index_column_definition(names, index, number as usize - 1);
        return text_or_null(text.map(|text| unqualified(&text)));
    }
    let text = unqualified(&index_definition(names, index));
    if !args.flag(2) {
        return Datum::text(&text);
    }
    // For people the table's schema is left out where the search path finds it.
    let table = facts.catalog.table(index.table);
    let schema = facts
        .catalog
        .schema(index.schema)
        .map_or("", |s| s.name.as_str());
    let short = names.relation_name(index.table);
    let full = table.map_or_else(String::new, |table| {
        format!(
            "{}.{}",
            quote_identifier(schema),
            quote_identifier(&table.name)
        )
    });
    let text = text.replacen(
        &format!(" ON {full} USING"),
        &format!(" ON {short} USING"),
        1,
    );
    match &index.predicate {
        Some(predicate) => {
            let shown = unqualified(&display_expression(names, predicate));
            Datum::text(&text.replace(&format!(" WHERE ({shown})"), &format!(" WHERE {shown}")))
        }
        None => Datum::text(&text),
    }
}

/// 42P01.
pub fn named_relation(facts: &SessionFacts, text: &str) -> Result<Relation> {
    find_relation(facts, text).ok_or_else(|| {
        err!(
            sqlstate::UNDEFINED_TABLE,
            "relation \"{text}\" does not exist"
        )
    })
}

/// The sequence that belongs to a column, as `schema.name`.
pub fn serial_sequence(facts: &SessionFacts, args: Arguments<'_>) -> Result<Datum> {
    let Relation::Table(table) = named_relation(facts, args.text(0))? else {
        return Ok(Datum::Null);
    };
    let column = table.column(args.text(1)).ok_or_else(|| {
        err!(
            sqlstate::UNDEFINED_COLUMN,
            "column \"{}\" of relation \"{}\" does not exist",
            args.text(1),
            table.name
        )
    })?;
    let mut owned = facts.catalog.sequences_of(table.oid);
    let found = owned.find(|s| s.owned_by == Some((table.oid, column.attnum)));
    Ok(text_or_null(found.map(|sequence| {
        let schema = facts
            .catalog
            .schema(sequence.schema)
            .map_or("", |s| s.name.as_str());
        format!(
            "{}.{}",
            quote_identifier(schema),
            quote_identifier(&sequence.name)
        )
    })))
}

/// Tables can be written; views and system relations not.
pub fn updatable(facts: &SessionFacts, name: &str, args: Arguments<'_>) -> Datum {
    /// Bits of INSERT, UPDATE and DELETE.
    const EVENTS: i32 = 8 | 4 | 16;
    let table = facts.catalog.table(args.oid(0));
    let is_table = table.is_some_and(|t| t.kind == catalog::TableKind::Table);
    match name {
        "pg_relation_is_updatable" => Datum::I32(if is_table { EVENTS } else { 0 }),
        _ => Datum::Bool(is_table && args.integer(1).is_some_and(|attnum| attnum > 0)),
    }
}

pub fn index_property(facts: &SessionFacts, args: Arguments<'_>) -> Datum {
    let index = facts.catalog.index(args.oid(0));
    let at = args.integer(1).and_then(|n| usize::try_from(n - 1).ok());
    let (Some(index), Some(at)) = (index, at) else {
        return Datum::Null;
    };
    let Some(key) = index.keys.get(at) else {
        return match at < index.keys.len() + index.include.len() {
            true => Datum::Bool(false),
            false => Datum::Null,
        };
    };
    let is_btree = index.method == catalog::IndexMethod::Btree;
    Datum::Bool(match args.text(2) {
        "asc" => is_btree && !key.descending,
        "desc" => is_btree && key.descending,
        "nulls_first" => is_btree && key.nulls_first,
        "nulls_last" => is_btree && !key.nulls_first,
        "orderable" | "returnable" | "search_array" | "search_nulls" => is_btree,
        "distance_orderable" => false,
        _ => return Datum::Null,
    })
}
