//! `pg_constraint`: constraints of tables and of domains.

use catalog::{Catalog, Constraint, ConstraintKind, ForeignMatch};
use common::ObjectId;
use functions::{CompareOp, OperatorBody};
use types::TypeOid;

use super::cells::{Cell, flag, int2_array, letter, oid, oid_array, text};
use super::row_set::RowSet;

pub fn constraints(catalog: &Catalog, out: &mut RowSet<'_>) {
    out.fill(catalog.constraints(), |constraint, name| {
        cell(catalog, constraint, name)
    });
    let checks = catalog
        .user_types()
        .flat_map(|ty| ty.checks.iter().map(move |c| (ty, c)));
    out.fill(checks, |(ty, check), name| match name {
        "oid" => oid(check.oid),
        "conname" => text(&check.name),
        "connamespace" => oid(ty.schema),
        "contype" => letter('c'),
        "convalidated" => flag(check.validated),
        "contypid" => oid(ty.oid),
        "confupdtype" | "confdeltype" | "confmatchtype" => letter(' '),
        "conislocal" => flag(true),
        "conbin" => text(&check.expression),
        _ => None,
    });
}

fn cell(catalog: &Catalog, constraint: &Constraint, name: &str) -> Cell {
    let is_foreign = constraint.kind == ConstraintKind::Foreign;
    let of_foreign = |c: char| letter(if is_foreign { c } else { ' ' });
    match name {
        "oid" => oid(constraint.oid),
        "conname" => text(&constraint.name),
        "connamespace" => oid(constraint.schema),
        "contype" => letter(constraint.kind.letter()),
        "condeferrable" => flag(constraint.deferrable),
        "condeferred" => flag(constraint.initially_deferred),
        "convalidated" => flag(constraint.validated),
        "conrelid" => oid(constraint.table),
        "conindid" => oid(constraint.index),
        "confrelid" => oid(constraint.foreign_table),
        "confupdtype" => of_foreign(constraint.on_update.letter()),
        "confdeltype" => of_foreign(constraint.on_delete.letter()),
        "confmatchtype" => of_foreign(match constraint.match_type {
            ForeignMatch::Simple => 's',
            ForeignMatch::Full => 'f',
        }),
        "conislocal" => flag(true),
        // Only checks are inherited.
        "connoinherit" => flag(constraint.kind != ConstraintKind::Check || constraint.no_inherit),
        "conkey" if !constraint.columns.is_empty() => int2_array(&constraint.columns),
        "confkey" if is_foreign => int2_array(&constraint.foreign_columns),
        "conpfeqop" | "conppeqop" | "conffeqop" if is_foreign => {
            oid_array(equalities(catalog, constraint, name))
        }
        "confdelsetcols" if !constraint.on_delete_columns.is_empty() => {
            int2_array(&constraint.on_delete_columns)
        }
        "conbin" => constraint.expression.as_deref().and_then(text),
        _ => None,
    }
}

/// The `=` of each pair of columns: key with reference, key with key, reference with reference.
fn equalities(catalog: &Catalog, constraint: &Constraint, name: &str) -> Vec<u32> {
    let ty = |table: ObjectId, attnum: i16| {
        let column = catalog.column(table, attnum);
        column.map_or(TypeOid::INVALID, |c| match TypeOid(c.ty.oid.0) {
            TypeOid::VARCHAR => TypeOid::TEXT,
            ty => ty,
        })
    };
    let pairs = constraint.columns.iter().zip(&constraint.foreign_columns);
    pairs
        .map(|(child, parent)| {
            let child = ty(constraint.table, *child);
            let parent = ty(constraint.foreign_table, *parent);
            match name {
                "conpfeqop" => equality(parent, child),
                "conppeqop" => equality(parent, parent),
                _ => equality(child, child),
            }
        })
        .collect()
}

fn equality(left: TypeOid, right: TypeOid) -> u32 {
    let mut operators = functions::operators_named("=").iter();
    let found = operators.find(|op| {
        op.left == Some(left)
            && op.right == right
            && matches!(op.body, OperatorBody::Compare(CompareOp::Eq))
    });
    found.map_or(0, |op| op.oid)
}
