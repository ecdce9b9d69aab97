//! What is said of rows whose foreign key does not hold.

use common::{Error, err, sqlstate};
use types::{Datum, TextContext};

use super::write::key_text;
use crate::ir::{ForeignKeyRule, TableRules};

/// 23503 of a referring row of `rules`' table whose key does not exist.
pub fn missing_key(
    rules: &TableRules,
    rule: &ForeignKeyRule,
    key: &[Datum],
    text: &TextContext,
) -> Error {
    let key = key_text(rules, &rule.child_columns, key, text);
    let parent = &rule.parent_name;
    referring_violation(
        rules,
        rule,
        format!("Key {key} is not present in table \"{parent}\"."),
    )
}

/// 23503 of a referring row whose key is null in part, where MATCH FULL forbids that.
pub fn mixed_key(rules: &TableRules, rule: &ForeignKeyRule) -> Error {
    let detail = "MATCH FULL does not allow mixing of null and nonnull key values.";
    referring_violation(rules, rule, detail.into())
}

fn referring_violation(rules: &TableRules, rule: &ForeignKeyRule, detail: String) -> Error {
    err!(
        sqlstate::FOREIGN_KEY_VIOLATION,
        "insert or update on table \"{}\" violates foreign key constraint \"{}\"",
        rule.child_name,
        rule.constraint.name
    )
    .with_detail(detail)
    .with_table(rules.schema.clone(), rule.child_name.clone())
    .with_constraint(rule.constraint.name.clone())
}
