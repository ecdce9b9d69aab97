//! `pg_index`, and which operator class a key has.

use catalog::{Catalog, Index, IndexKey, IndexMethod, oid as known};
use common::ObjectId;
use types::{Datum, TypeOid};

use super::cells::{Cell, flag, int2, int2_vector, oid, oid_vector, text};
use super::fixed_rows::fixed_rows;
use super::row_set::RowSet;
use super::type_rows::{is_array, type_traits};

/// `indoption`: DESC, NULLS FIRST.
const DESCENDING: i16 = 1;
const NULLS_FIRST: i16 = 2;

pub fn indexes(catalog: &Catalog, out: &mut RowSet<'_>) {
    out.fill(catalog.indexes(), |index, name| cell(catalog, index, name));
}

fn cell(catalog: &Catalog, index: &Index, name: &str) -> Cell {
    match name {
        "indexrelid" => oid(index.oid),
        "indrelid" => oid(index.table),
        "indnatts" => int2((index.keys.len() + index.include.len()) as i16),
        "indnkeyatts" => int2(index.keys.len() as i16),
        "indisunique" => flag(index.unique),
        "indnullsnotdistinct" => flag(index.nulls_not_distinct),
        "indisprimary" => flag(index.primary),
        "indimmediate" => flag(!index.deferrable),
        "indisclustered" => flag(index.clustered),
        "indisvalid" => flag(index.valid),
        "indcheckxmin" => flag(index.created_by_xid.0 != 0),
        "indisready" => flag(index.ready),
        "indislive" => flag(true),
        "indisreplident" => flag(index.replica_identity),
        "indkey" => int2_vector(&index.attnums().collect::<Vec<_>>()),
        "indcollation" => oid_vector(index.keys.iter().map(|key| key.collation.0)),
        "indclass" => oid_vector(
            index
                .keys
                .iter()
                .map(|key| operator_class(catalog, index.method, key)),
        ),
        "indoption" => int2_vector(&index.keys.iter().map(option).collect::<Vec<_>>()),
        "indexprs" => {
            let texts: Vec<_> = index
                .keys
                .iter()
                .filter_map(|key| key.expression.as_deref())
                .collect();
            Some(if texts.is_empty() {
                Datum::Null
            } else {
                Datum::text(&texts.join(", "))
            })
        }
        "indpred" => index.predicate.as_deref().and_then(text),
        _ => None,
    }
}

fn option(key: &IndexKey) -> i16 {
    let mut option = 0;
    if key.descending {
        option |= DESCENDING;
    }
    if key.nulls_first {
        option |= NULLS_FIRST;
    }
    option
}

/// The oid of a key's operator class; 0 if there is none.
fn operator_class(catalog: &Catalog, method: IndexMethod, key: &IndexKey) -> u32 {
    let method = match method {
        IndexMethod::Btree => known::AM_BTREE,
        IndexMethod::Hash => known::AM_HASH,
    };
    let ty = class_type(catalog, key.ty.oid);
    let mut classes = fixed_rows("pg_opclass").filter(|row| {
        row.oid("opcmethod") == method.0
            && match &key.opclass {
                Some(name) => row.field("opcname") == Some(name.as_str()),
                None => row.oid("opcintype") == ty.0 && row.field("opcdefault") == Some("t"),
            }
    });
    let found = classes.next();
    found.map_or(0, |row| row.oid("oid"))
}

/// The type whose operator class values of a type use.
fn class_type(catalog: &Catalog, ty: ObjectId) -> TypeOid {
    match TypeOid(ty.0) {
        TypeOid::VARCHAR => TypeOid::TEXT,
        _ if is_array(catalog, ty) => TypeOid::ANYARRAY,
        _ => type_traits(catalog, ty).class_type,
    }
}
