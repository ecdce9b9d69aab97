//! `pg_attribute` and `pg_attrdef`.

use catalog::{Catalog, Column, Identity, Index, TypeRef};
use common::ObjectId;

use super::cells::{Cell, composite_relation, flag, int2, int4, letter, oid, text};
use super::row_set::RowSet;
use super::type_rows::{TypeTraits, is_array, type_traits};

/// What a row of `pg_attribute` tells, whatever the relation's kind.
struct Attribute<'a> {
    relation: ObjectId,
    name: &'a str,
    attnum: i16,
    ty: TypeRef,
    collation: ObjectId,
    /// Of a table's column.
    column: Option<&'a Column>,
    not_null: bool,
}

/// The columns of a sequence as a relation: last_value, log_cnt, is_called.
const SEQUENCE: [(&str, u32); 3] = [("last_value", 20), ("log_cnt", 20), ("is_called", 16)];

pub fn attributes(catalog: &Catalog, out: &mut RowSet<'_>) {
    let of_tables = catalog.all_tables().flat_map(|table| {
        table.columns.iter().map(|column| Attribute {
            relation: table.oid,
            name: &column.name,
            attnum: column.attnum,
            ty: column.ty,
            collation: column.collation,
            column: Some(column),
            not_null: column.not_null,
        })
    });
    let of_indexes = catalog
        .indexes()
        .flat_map(|index| index_attributes(catalog, index));
    let of_sequences = catalog.sequences().flat_map(|sequence| {
        (1..).zip(SEQUENCE).map(|(attnum, (name, ty))| Attribute {
            relation: sequence.oid,
            name,
            attnum,
            ty: TypeRef::plain(ty),
            collation: ObjectId(0),
            column: None,
            not_null: true,
        })
    });
    let of_types = catalog.user_types().flat_map(|ty| {
        let relation = composite_relation(ty);
        let fields = relation
            .is_some()
            .then_some(&ty.fields)
            .into_iter()
            .flatten();
        (1..)
            .zip(fields)
            .map(move |(attnum, (name, field))| Attribute {
                relation: relation.unwrap_or_default(),
                name,
                attnum,
                ty: *field,
                collation: type_traits(catalog, field.oid).collation,
                column: None,
                not_null: false,
            })
    });
    let all = of_tables
        .chain(of_indexes)
        .chain(of_sequences)
        .chain(of_types);
    out.fill(all, |attribute, name| cell(catalog, attribute, name));
}

/// Key columns under their names in the index, then the included ones.
fn index_attributes<'a>(
    catalog: &'a Catalog,
    index: &'a Index,
) -> impl Iterator<Item = Attribute<'a>> {
    let keys = index
        .keys
        .iter()
        .map(|key| (key.name.as_str(), key.ty, key.collation));
    let included = index.include.iter().filter_map(|attnum| {
        let column = catalog.column(index.table, *attnum)?;
        Some((column.name.as_str(), column.ty, column.collation))
    });
    (1..)
        .zip(keys.chain(included))
        .map(|(attnum, (name, ty, collation))| Attribute {
            relation: index.oid,
            name,
            attnum,
            ty,
            collation,
            column: None,
            not_null: false,
        })
}

fn cell(catalog: &Catalog, attribute: &Attribute<'_>, name: &str) -> Cell {
    let dropped = attribute.column.is_some_and(|c| c.dropped);
    let ty = attribute.ty.oid;
    match name {
        "attrelid" => oid(attribute.relation),
        "attname" => text(attribute.name),
        "atttypid" => oid(if dropped { ObjectId(0) } else { ty }),
        "attstattarget" => int4(attribute.column.map_or(-1, |c| c.statistics_target)),
        "attnum" => int2(attribute.attnum),
        "attndims" => int4(is_array(catalog, ty).into()),
        "attcacheoff" => int4(-1),
        "atttypmod" => int4(attribute.ty.typmod),
        "attnotnull" => flag(attribute.not_null && !dropped),
        "atthasdef" => flag(attribute.column.is_some_and(|c| has_default(c) && !dropped)),
        "attidentity" => letter(match attribute.column.map(|c| c.identity) {
            Some(Identity::Always) => 'a',
            Some(Identity::ByDefault) => 'd',
            _ => '\0',
        }),
        "attgenerated" => letter(match attribute.column {
            Some(column) if column.generated => 's',
            _ => '\0',
        }),
        "attisdropped" => flag(dropped),
        "attislocal" => flag(true),
        "attinhcount" => int4(attribute.column.map_or(0, |c| c.inherited.into())),
        "attcollation" => oid(attribute.collation),
        "attlen" | "attbyval" | "attalign" | "attstorage" => {
            layout_cell(type_traits(catalog, ty), attribute.column, name)
        }
        _ => None,
    }
}

fn layout_cell(traits: TypeTraits, column: Option<&Column>, name: &str) -> Cell {
    match name {
        "attlen" => int2(traits.len),
        "attbyval" => flag(traits.by_value),
        "attalign" => letter(traits.align),
        _ => match column.map(|c| c.storage).filter(|storage| *storage != 0) {
            Some(storage) => letter(storage as char),
            None => letter(traits.storage),
        },
    }
}

pub fn defaults(catalog: &Catalog, out: &mut RowSet<'_>) {
    let columns = catalog.tables().flat_map(|table| {
        let live = table.live_columns().filter(|c| has_default(c));
        live.map(move |column| (table.oid, column))
    });
    out.fill(columns, |(table, column), name| match name {
        "oid" => oid(column.default_oid),
        "adrelid" => oid(*table),
        "adnum" => int2(column.attnum),
        "adbin" => text(column.default.as_deref().unwrap_or_default()),
        _ => None,
    });
}

/// True if the column has a row in `pg_attrdef`; what identity columns take their values from is
/// not a default.
pub fn has_default(column: &Column) -> bool {
    column.default.is_some() && column.identity == Identity::None
}
