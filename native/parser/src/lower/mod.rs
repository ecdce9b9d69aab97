//! The grammar's C tree to our own.
//!
//! Nodes are matched by tag, so that a tree of an unexpected shape is an error and not a panic.
//! Recursion is bounded by [`limits::MAX_NESTING`]; chains that the grammar makes deep (AND, OR,
//! set operations of one kind) are flattened in loops.

// The names of the C header.
#![allow(non_upper_case_globals)]

mod assign;
mod call;
mod constraint;
mod ddl;
mod dml;
mod expr;
mod from;
mod literal;
mod object;
mod options;
mod query;
mod role;
mod statement;
mod table;
mod unsupported;
mod utility;

use common::{Error, Result, SqlState, limits};
use pg_raw_parse::list::{CastNodeList, NodeList};
use pg_raw_parse::{Node, nodes};

use crate::ast::{Location, Persistence, QualifiedName, RelationName, TableAlias, TypeName};
use crate::parse::{error_at, too_deep};

/// The state of lowering one statement.
pub(crate) struct Lower<'s> {
    sql: &'s str,
    depth: usize,
    /// The highest parameter number seen.
    pub(crate) max_param: u32,
}

impl<'s> Lower<'s> {
    pub(crate) fn new(sql: &'s str) -> Self {
        Self {
            sql,
            depth: 0,
            max_param: 0,
        }
    }

    /// One level deeper; the caller leaves again unless it fails, which ends the whole statement.
    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > limits::MAX_NESTING {
            Err(too_deep())
        } else {
            Ok(())
        }
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    fn error(&self, location: i32, state: SqlState, message: impl Into<String>) -> Error {
        error_at(self.sql, at(location), state, message)
    }

    /// 0A000 at a place of the text.
    fn not_implemented(&self, location: i32, what: &str) -> Error {
        let error = Error::not_implemented(what);
        match at(location).position(self.sql) {
            Some(position) => error.with_position(position),
            None => error,
        }
    }

    fn relation_name(&self, var: Option<&nodes::RangeVar>) -> Result<RelationName> {
        let var = var.ok_or_else(|| missing("relation"))?;
        Ok(RelationName {
            database: var.catalogname().map(str::to_owned),
            schema: var.schemaname().map(str::to_owned),
            name: text(var.relname()),
            location: at(var.location),
        })
    }

    fn type_name(&mut self, name: Option<&nodes::TypeName>) -> Result<TypeName> {
        let name = name.ok_or_else(|| missing("type name"))?;
        let mut bounds = Vec::with_capacity(name.array_bounds().len());
        for bound in name.array_bounds() {
            bounds.push(match bound {
                Node::Integer(bound) if bound.ival >= 0 => Some(bound.ival),
                _ => None,
            });
        }
        Ok(TypeName {
            names: strings(untyped(name.names())),
            typmods: self.exprs(name.typmods())?,
            array_bounds: bounds,
            setof: name.setof,
            pct_type: name.pct_type,
            location: at(name.location),
        })
    }
}

/// A location of the C tree; negative for none.
fn at(location: i32) -> Location {
    u32::try_from(location).map_or(Location::NONE, Location::new)
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

/// A part that the grammar never leaves out was not there.
fn missing(what: &str) -> Error {
    Error::internal(format!("the grammar gave no {what}"))
}

/// A node stood where the grammar never puts one of its kind.
fn unexpected(what: &str) -> Error {
    Error::internal(format!("the grammar gave an unexpected {what}"))
}

/// The strings of a list; a star becomes `*`, other nodes are left out.
fn strings(list: &NodeList) -> Vec<String> {
    let mut names = Vec::with_capacity(list.len());
    names.extend(list.iter().filter_map(|node| match node {
        Node::String(name) => Some(text(name.sval())),
        Node::A_Star(_) => Some("*".to_owned()),
        _ => None,
    }));
    names
}

fn qualified(list: &NodeList, location: i32) -> QualifiedName {
    QualifiedName {
        parts: strings(list),
        location: at(location),
    }
}

fn optional_qualified(list: &NodeList) -> Option<QualifiedName> {
    (!list.is_empty()).then(|| qualified(list, -1))
}

fn alias(alias: Option<&nodes::Alias>) -> Option<TableAlias> {
    alias.map(|alias| TableAlias {
        name: text(alias.aliasname()),
        columns: strings(alias.colnames()),
    })
}

fn persistence(var: Option<&nodes::RangeVar>) -> Persistence {
    match var.map(|var| var.relpersistence as u8) {
        Some(b't') => Persistence::Temporary,
        Some(b'u') => Persistence::Unlogged,
        _ => Persistence::Permanent,
    }
}

/// A node that may be absent.
fn present(node: Node<'_>) -> Option<Node<'_>> {
    match node {
        Node::None => None,
        node => Some(node),
    }
}

/// The list without its claim of what it holds, which the comments it was derived from do not
/// always keep; reading through the claim would panic.
fn untyped<T>(list: &CastNodeList<T>) -> &NodeList {
    // SAFETY: `CastNodeList<T>` is `repr(transparent)` over `NodeList`.
    unsafe { &*std::ptr::from_ref(list).cast::<NodeList>() }
}
