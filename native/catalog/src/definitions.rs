//! Objects as SQL: what `pg_get_indexdef`, `pg_get_constraintdef` and `pg_get_viewdef` answer.

use crate::{Catalog, Constraint, ConstraintKind, Describer, ForeignAction, ForeignMatch};
use crate::{Index, IndexKey, IndexMethod, Table};
use common::{ObjectId, quote_identifier};

/// An expression's text for people: oids of relations become their names again.
///
/// The catalog keeps `nextval('16390'::pg_catalog.regclass)`; shown is `nextval('s'::regclass)`.
pub fn display_expression(names: Describer<'_>, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\'') {
        let (before, quoted) = rest.split_at(at);
        out.push_str(before);
        let Some(end) = quoted[1..].find('\'') else {
            break;
        };
        let literal = &quoted[1..=end];
        let after = &quoted[end + 2..];
        let cast = ["::pg_catalog.regclass", "::regclass"]
            .into_iter()
            .find_map(|cast| after.strip_prefix(cast));
        match (literal.parse::<u32>(), cast) {
            (Ok(oid), Some(after)) => {
                let name = names.relation_name(ObjectId(oid)).replace('\'', "''");
                out.push_str(&format!("'{name}'::regclass"));
                rest = after;
            }
            _ => {
                out.push_str(&quoted[..end + 2]);
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn column_name(catalog: &Catalog, table: ObjectId, attnum: i16) -> String {
    let column = catalog.table(table).and_then(|t| t.attribute(attnum));
    column.map_or_else(
        || attnum.to_string(),
        |c| quote_identifier(&c.name).into_owned(),
    )
}

fn column_list(catalog: &Catalog, table: ObjectId, columns: &[i16]) -> String {
    let names: Vec<String> = columns
        .iter()
        .map(|attnum| column_name(catalog, table, *attnum))
        .collect();
    names.join(", ")
}

/// A key column or expression of an index, without its direction (`pg_get_indexdef(oid, n, ..)`).
pub fn index_column_definition(names: Describer<'_>, index: &Index, at: usize) -> Option<String> {
    let catalog = names.catalog;
    if let Some(key) = index.keys.get(at) {
        return Some(key_definition(names, index, key));
    }
    let attnum = index.include.get(at - index.keys.len())?;
    Some(column_name(catalog, index.table, *attnum))
}

fn key_definition(names: Describer<'_>, index: &Index, key: &IndexKey) -> String {
    match &key.expression {
        None => column_name(names.catalog, index.table, key.attnum),
        Some(text) => {
            let text = display_expression(names, text);
            // A call needs no parentheses of its own.
            let call = text.ends_with(')')
                && text.find('(').is_some_and(|at| {
                    at > 0 && text[..at].chars().all(|c| c.is_alphanumeric() || c == '_')
                });
            if call { text } else { format!("({text})") }
        }
    }
}

/// `CREATE INDEX ...` (`pg_get_indexdef`).
pub fn index_definition(names: Describer<'_>, index: &Index) -> String {
    let catalog = names.catalog;
    let unique = if index.unique { "UNIQUE " } else { "" };
    let table = catalog.table(index.table);
    let schema = table
        .map(|t| names.schema_name(t.schema))
        .unwrap_or_default();
    let method = match index.method {
        IndexMethod::Btree => "btree",
        IndexMethod::Hash => "hash",
    };
    let key = |key: &IndexKey| {
        let mut text = key_definition(names, index, key);
        if let Some(class) = &key.opclass {
            text.push_str(&format!(" {}", quote_identifier(class)));
        }
        match (key.descending, key.nulls_first) {
            (false, false) => {}
            (false, true) => text.push_str(" NULLS FIRST"),
            (true, true) => text.push_str(" DESC"),
            (true, false) => text.push_str(" DESC NULLS LAST"),
        }
        text
    };
    let keys: Vec<String> = index.keys.iter().map(key).collect();
    let mut out = format!(
        "CREATE {unique}INDEX {} ON {}.{} USING {method} ({})",
        quote_identifier(&index.name),
        schema,
        quote_identifier(table.map_or("", |t| t.name.as_str())),
        keys.join(", ")
    );
    if !index.include.is_empty() {
        out.push_str(&format!(
            " INCLUDE ({})",
            column_list(catalog, index.table, &index.include)
        ));
    }
    if index.nulls_not_distinct {
        out.push_str(" NULLS NOT DISTINCT");
    }
    if !index.options.is_empty() {
        let options: Vec<String> = index
            .options
            .iter()
            .map(|(k, v)| format!("{k}='{v}'"))
            .collect();
        out.push_str(&format!(" WITH ({})", options.join(", ")));
    }
    if let Some(predicate) = &index.predicate {
        out.push_str(&format!(
            " WHERE {}",
            parenthesised(&display_expression(names, predicate))
        ));
    }
    out
}

fn parenthesised(text: &str) -> String {
    format!("({text})")
}

/// `PRIMARY KEY (a)`, `FOREIGN KEY ...` (`pg_get_constraintdef`).
pub fn constraint_definition(names: Describer<'_>, constraint: &Constraint) -> String {
    let catalog = names.catalog;
    let own = |columns: &[i16]| column_list(catalog, constraint.table, columns);
    let mut out = match constraint.kind {
        ConstraintKind::Check => {
            let text = constraint.expression.as_deref().unwrap_or("true");
            format!(
                "CHECK ({})",
                parenthesised(&display_expression(names, text))
            )
        }
        ConstraintKind::Primary => format!("PRIMARY KEY ({})", own(&constraint.columns)),
        ConstraintKind::Unique => {
            let distinct = catalog
                .index(constraint.index)
                .is_some_and(|i| i.nulls_not_distinct);
            let nulls = if distinct { "NULLS NOT DISTINCT " } else { "" };
            format!("UNIQUE {nulls}({})", own(&constraint.columns))
        }
        ConstraintKind::Exclusion => "EXCLUDE".into(),
        ConstraintKind::Foreign => {
            let mut text = format!(
                "FOREIGN KEY ({}) REFERENCES {}({})",
                own(&constraint.columns),
                names.relation_name(constraint.foreign_table),
                column_list(
                    catalog,
                    constraint.foreign_table,
                    &constraint.foreign_columns
                )
            );
            if constraint.match_type == ForeignMatch::Full {
                text.push_str(" MATCH FULL");
            }
            if constraint.on_update != ForeignAction::NoAction {
                text.push_str(&format!(" ON UPDATE {}", constraint.on_update.sql()));
            }
            if constraint.on_delete != ForeignAction::NoAction {
                text.push_str(&format!(" ON DELETE {}", constraint.on_delete.sql()));
            }
            if !constraint.on_delete_columns.is_empty() {
                text.push_str(&format!(" ({})", own(&constraint.on_delete_columns)));
            }
            text
        }
    };
    let includes = catalog
        .index(constraint.index)
        .map(|i| i.include.as_slice());
    if matches!(
        constraint.kind,
        ConstraintKind::Primary | ConstraintKind::Unique
    ) && let Some(include) = includes.filter(|i| !i.is_empty())
    {
        out.push_str(&format!(" INCLUDE ({})", own(include)));
    }
    if constraint.deferrable {
        out.push_str(" DEFERRABLE");
    }
    if constraint.initially_deferred {
        out.push_str(" INITIALLY DEFERRED");
    }
    if constraint.no_inherit && constraint.kind == ConstraintKind::Check {
        out.push_str(" NO INHERIT");
    }
    if !constraint.validated {
        out.push_str(" NOT VALID");
    }
    out
}

/// A view's query (`pg_get_viewdef`).
pub fn view_definition(names: Describer<'_>, view: &Table) -> String {
    let text = view.query.as_deref().unwrap_or_default();
    format!(" {};", display_expression(names, text))
}
