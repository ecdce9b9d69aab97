//! Objects as SQL: `pg_get_indexdef`, `pg_get_constraintdef`, `pg_get_viewdef`, `pg_get_expr`.

use catalog::{Constraint, ConstraintKind, Describer, Index, Relation, Table};
use catalog::{constraint_definition, display_expression, index_column_definition};
use catalog::{index_definition, view_definition};
use common::quote_identifier;
use common::{ObjectId, Result, err, sqlstate};
use types::Datum;

use super::arguments::{Arguments, text_or_null};
use super::object_names::find_relation;
use crate::session::SessionFacts;

/// None if the function is not of this subject.
pub fn call(facts: &SessionFacts, name: &str, args: Arguments<'_>) -> Result<Option<Datum>> {
    let path = &facts.search_path.all;
    let names = Describer {
        catalog: &facts.catalog,
        path,
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
        format!("{}{valid}", check_text(names, &check.expression, pretty))
    }))
}

/// The expression of a check is stored with the parentheses that it needs, if it needs any; in the
/// form for people it has none of its own.
fn check_text(names: Describer<'_>, expression: &str, pretty: bool) -> String {
    let text = unqualified(&display_expression(names, expression));
    match pretty {
        true => format!("CHECK ({})", without_parentheses(&text)),
        false => format!("CHECK ({text})"),
    }
}

fn constraint_text(names: Describer<'_>, constraint: &Constraint, pretty: bool) -> String {
    let text = unqualified(&constraint_definition(names, constraint));
    match (constraint.kind, &constraint.expression) {
        (ConstraintKind::Check, Some(expression)) => {
            let shown = unqualified(&display_expression(names, expression));
            let tail = text
                .strip_prefix(&format!("CHECK (({shown}))"))
                .unwrap_or("");
            format!("{}{tail}", check_text(names, expression, pretty))
        }
        _ => text,
    }
}

/// Without the pair of parentheses around the whole text, if there is one.
fn without_parentheses(text: &str) -> &str {
    let inner = text
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    let Some(inner) = inner else { return text };
    let (mut depth, mut quoted) = (0usize, None);
    for c in inner.chars() {
        match (c, quoted) {
            (c, Some(quote)) if c == quote => quoted = None,
            (_, Some(_)) => {}
            ('\'' | '"', None) => quoted = Some(c),
            ('(', None) => depth += 1,
            // It closes what was opened before: there are two pairs side by side.
            (')', None) if depth == 0 => return text,
            (')', None) => depth -= 1,
            _ => {}
        }
    }
    inner
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
    let mut text = unqualified(&index_definition(names, index));
    if let Some(predicate) = &index.predicate {
        let shown = unqualified(&display_expression(names, predicate));
        let bare = if args.flag(2) {
            without_parentheses(&shown)
        } else {
            &shown
        };
        text = text.replace(&format!(" WHERE ({shown})"), &format!(" WHERE {bare}"));
    }
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
    Datum::text(&text)
}

/// 42P01.
pub fn named_relation(facts: &SessionFacts, text: &str) -> Result<Relation> {
    let path = &facts.search_path.all;
    let names = Describer {
        catalog: &facts.catalog,
        path,
    };
    find_relation(names, text).ok_or_else(|| {
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
        let names = Describer {
            catalog: &facts.catalog,
            path: &facts.search_path.all,
        };
        let schema = names.schema_name(sequence.schema);
        format!("{schema}.{}", quote_identifier(&sequence.name))
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

#[cfg(test)]
mod tests {
    use super::without_parentheses;

    #[test]
    fn only_a_pair_around_all_goes() {
        for (text, bare) in [
            ("(a > 0)", "a > 0"),
            ("((a > 0) AND (b))", "(a > 0) AND (b)"),
            ("(a) OR (b)", "(a) OR (b)"),
            ("(a = ')(')", "a = ')('"),
            ("f(a)", "f(a)"),
        ] {
            assert_eq!(without_parentheses(text), bare);
        }
    }
}
