//! `pg_class`, `pg_sequence`, `pg_rewrite`.

use catalog::{
    Catalog, ConstraintKind, Index, IndexMethod, Persistence, Sequence, Table, TableKind,
    oid as known,
};
use common::ObjectId;
use types::Datum;

use super::cells::{
    Cell, acl, composite_relation, flag, int2, int4, int8, letter, null, number, oid, options, text,
};
use super::row_set::RowSet;

pub fn classes(catalog: &Catalog, out: &mut RowSet<'_>) {
    out.fill(catalog.all_tables(), |table, name| {
        table_cell(catalog, table, name)
    });
    out.fill(catalog.indexes(), |index, name| {
        index_cell(catalog, index, name)
    });
    out.fill(catalog.sequences(), |sequence, name| {
        sequence_cell(catalog, sequence, name)
    });
    let composites = catalog
        .user_types()
        .filter(|ty| composite_relation(ty).is_some());
    out.fill(composites, |ty, name| match name {
        "oid" | "reltype" => {
            let relation = name == "oid";
            if relation {
                composite_relation(ty).and_then(oid)
            } else {
                oid(ty.oid)
            }
        }
        "relname" => text(&ty.name),
        "relnamespace" => oid(ty.schema),
        "relowner" => oid(ty.owner),
        "relkind" => letter('c'),
        "relnatts" => int2(ty.fields.len() as i16),
        "reltuples" => Some(Datum::F32(-1.0)),
        "relreplident" => letter('n'),
        _ => common_cell(name),
    });
}

/// What most relations have alike.
fn common_cell(name: &str) -> Cell {
    match name {
        "relpersistence" => letter('p'),
        "relispopulated" => flag(true),
        _ => None,
    }
}

fn persistence(value: Persistence) -> Cell {
    letter(match value {
        Persistence::Permanent => 'p',
        Persistence::Unlogged => 'u',
        Persistence::Temporary => 't',
    })
}

/// `relpages` and `reltuples`, as ANALYZE last counted them.
fn size_cell(catalog: &Catalog, relation: ObjectId, name: &str) -> Cell {
    let statistics = catalog.statistics(relation);
    match name {
        "relpages" => int4(statistics.map_or(0, |s| s.pages as i32)),
        _ => Some(Datum::F32(statistics.map_or(-1.0, |s| s.rows as f32))),
    }
}

/// The letter that `pg_class` shows.
pub fn relkind(table: &Table) -> char {
    match table.kind {
        TableKind::Virtual | TableKind::View => {
            let system = catalog::system::system_relations().relkind(table.oid);
            system.unwrap_or_else(|| table.relkind())
        }
        _ => table.relkind(),
    }
}

fn table_cell(catalog: &Catalog, table: &Table, name: &str) -> Cell {
    let checks = || {
        catalog
            .constraints_of(table.oid)
            .filter(|c| c.kind == ConstraintKind::Check)
    };
    let is_view = || relkind(table) == 'v';
    match name {
        "oid" => oid(table.oid),
        "relname" => text(&table.name),
        "relnamespace" => oid(table.schema),
        "reltype" => oid(table.row_type),
        "relowner" => oid(table.owner),
        "relam" if !is_view() => oid(known::AM_HEAP),
        "relfilenode" => number(table.file.0),
        "relpages" | "reltuples" => size_cell(catalog, table.oid, name),
        "relhasindex" => flag(catalog.indexes_of(table.oid).next().is_some()),
        "relpersistence" => persistence(table.persistence),
        "relkind" => letter(relkind(table)),
        "relnatts" => int2(table.columns.len() as i16),
        "relchecks" => int2(checks().count() as i16),
        "relhasrules" => flag(is_view()),
        "relhastriggers" => {
            let own = catalog.constraints_of(table.oid);
            let has = own.into_iter().any(|c| c.kind == ConstraintKind::Foreign);
            flag(has || catalog.referencing_keys(table.oid).next().is_some())
        }
        "relrowsecurity" => flag(table.row_security),
        "relforcerowsecurity" => flag(table.force_row_security),
        "relispopulated" => flag(!table.unpopulated),
        "relreplident" => letter(match table.replica_identity {
            0 if is_view() => 'n',
            0 => 'd',
            other => other as char,
        }),
        "relacl" => acl(catalog, &table.acl),
        "reloptions" => options(&table.options),
        _ => common_cell(name),
    }
}

fn index_cell(catalog: &Catalog, index: &Index, name: &str) -> Cell {
    let table = catalog.table(index.table);
    match name {
        "oid" => oid(index.oid),
        "relname" => text(&index.name),
        "relnamespace" => oid(index.schema),
        "relowner" => oid(table.map_or(known::SUPERUSER, |t| t.owner)),
        "relam" => oid(match index.method {
            IndexMethod::Btree => known::AM_BTREE,
            IndexMethod::Hash => known::AM_HASH,
        }),
        "relfilenode" => number(index.file.0),
        "relpages" | "reltuples" => size_cell(catalog, index.oid, name),
        "relpersistence" => persistence(table.map(|t| t.persistence).unwrap_or_default()),
        "relkind" => letter('i'),
        "relnatts" => int2((index.keys.len() + index.include.len()) as i16),
        "relreplident" => letter('n'),
        "reloptions" => options(&index.options),
        _ => common_cell(name),
    }
}

fn sequence_cell(catalog: &Catalog, sequence: &Sequence, name: &str) -> Cell {
    match name {
        "oid" => oid(sequence.oid),
        "relname" => text(&sequence.name),
        "relnamespace" => oid(sequence.schema),
        "relowner" => oid(sequence.owner),
        "relfilenode" => number(sequence.file.0),
        "relpages" => int4(1),
        "reltuples" => Some(Datum::F32(1.0)),
        "relpersistence" => persistence(sequence.persistence),
        "relkind" => letter('S'),
        // last_value, log_cnt, is_called.
        "relnatts" => int2(3),
        "relreplident" => letter('n'),
        "relacl" => acl(catalog, &sequence.acl),
        _ => common_cell(name),
    }
}

pub fn sequences(catalog: &Catalog, out: &mut RowSet<'_>) {
    out.fill(catalog.sequences(), |sequence, name| match name {
        "seqrelid" => oid(sequence.oid),
        "seqtypid" => oid(sequence.ty.oid),
        "seqstart" => int8(sequence.start),
        "seqincrement" => int8(sequence.increment),
        "seqmax" => int8(sequence.max),
        "seqmin" => int8(sequence.min),
        "seqcache" => int8(sequence.cache),
        "seqcycle" => flag(sequence.cycle),
        _ => None,
    });
}

/// The rule that a view is; its number is the view's.
pub fn rules(catalog: &Catalog, out: &mut RowSet<'_>) {
    let views = catalog
        .all_tables()
        .filter(|t| t.query.is_some() || relkind(t) == 'v');
    out.fill(views, |view, name| match name {
        "oid" | "ev_class" => oid(view.oid),
        "rulename" => text("_RETURN"),
        "ev_type" => letter('1'),
        "ev_enabled" => letter('O'),
        "is_instead" => flag(true),
        "ev_qual" => text("<>"),
        "ev_action" => text(view.query.as_deref().unwrap_or("<>")),
        _ => null(),
    });
}
