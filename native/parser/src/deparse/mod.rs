//! The tree back to SQL, for what the catalog stores: views, defaults, CHECK expressions.
//!
//! Invariant: parsing the text gives an equal tree. To that end every operator is in parentheses,
//! as in PostgreSQL's own `pg_get_expr`; nothing depends on precedence.

mod call;
mod dml;
mod expr;
mod from;
mod query;
mod type_name;

use crate::ast::{Expr, Query, TypeName};

/// The expression as SQL.
pub fn deparse_expr(expr: &Expr) -> String {
    let mut writer = Writer::default();
    writer.expr(expr);
    writer.out
}

/// The query as SQL, on one line and without a semicolon.
pub fn deparse_query(query: &Query) -> String {
    let mut writer = Writer::default();
    writer.query(query);
    writer.out
}

/// The type as SQL, by the standard's name where it has one.
pub fn deparse_type(name: &TypeName) -> String {
    let mut writer = Writer::default();
    writer.type_name(name);
    writer.out
}

/// The text so far.
#[derive(Default)]
struct Writer {
    out: String,
}

impl Writer {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn name(&mut self, name: &str) {
        self.push(&common::quote_identifier(name));
    }

    fn dotted(&mut self, parts: &[String]) {
        self.separated(parts, ".", |w, part| w.name(part));
    }

    /// `(a, b)` with a space before it; nothing for an empty list.
    fn column_list(&mut self, columns: &[String]) {
        if !columns.is_empty() {
            self.push(" (");
            self.names(columns);
            self.push(")");
        }
    }

    fn names(&mut self, names: &[String]) {
        self.separated(names, ", ", |w, name| w.name(name));
    }

    fn exprs(&mut self, exprs: &[Expr]) {
        self.separated(exprs, ", ", Self::expr);
    }

    fn separated<T>(&mut self, items: &[T], separator: &str, write: impl Fn(&mut Self, &T)) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.push(separator);
            }
            write(self, item);
        }
    }

    /// ` keyword item, item`; nothing for an empty list.
    fn clause<T>(&mut self, keyword: &str, items: &[T], write: impl Fn(&mut Self, &T)) {
        if !items.is_empty() {
            self.push(" ");
            self.push(keyword);
            self.push(" ");
            self.separated(items, ", ", write);
        }
    }

    /// ` keyword expr`; nothing without one.
    fn expr_clause(&mut self, keyword: &str, expr: Option<&Expr>) {
        if let Some(expr) = expr {
            self.push(" ");
            self.push(keyword);
            self.push(" ");
            self.expr(expr);
        }
    }
}
