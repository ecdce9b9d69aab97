//! `pg_stats` from ANALYZE, and the relations whose counters PostgreSQL collects: here they have a
//! row a relation, and NULL where nothing is counted.

use catalog::{Catalog, ColumnStatistics, Index, Table};
use common::{ObjectId, Result};
use types::{Datum, DatumRef, SqlType, TypeOid, build_array, output_text};

use super::cells::{Cell, flag, int4, int8, null, oid, text};
use super::row_set::RowSet;

pub fn columns(catalog: &Catalog, out: &mut RowSet<'_>) -> Result<()> {
    let all = catalog.all_statistics().flat_map(|statistics| {
        let table = catalog.table(statistics.relation);
        let columns = statistics.columns.iter();
        columns.filter_map(move |column| {
            let table = table?;
            Some((table, table.attribute(column.attnum)?, column))
        })
    });
    out.fill(all, |(table, column, statistics), name| match name {
        "schemaname" => schema_cell(catalog, table.schema),
        "tablename" => text(&table.name),
        "attname" => text(&column.name),
        "inherited" => flag(false),
        _ => column_cell(statistics, name),
    });
    Ok(())
}

fn column_cell(statistics: &ColumnStatistics, name: &str) -> Cell {
    let float = |value: f64| Some(Datum::F32(value as f32));
    match name {
        "null_frac" => float(statistics.null_fraction),
        "avg_width" => int4(statistics.width_bytes as i32),
        "n_distinct" => float(statistics.distinct),
        "most_common_vals" => any_array(&statistics.most_common),
        "most_common_freqs" if !statistics.most_common_frequencies.is_empty() => {
            let values = statistics.most_common_frequencies.iter();
            let values = values.map(|value| DatumRef::F32(*value as f32));
            Some(build_array(TypeOid::FLOAT4, values))
        }
        "histogram_bounds" => any_array(&statistics.histogram),
        "correlation" => float(statistics.correlation),
        _ => None,
    }
}

/// A value of `anyarray`: what its text form is, for the elements' type is known of no value.
fn any_array(values: &[String]) -> Cell {
    if values.is_empty() {
        return null();
    }
    let values = values.iter().map(|value| DatumRef::Bytes(value.as_bytes()));
    let array = build_array(TypeOid::TEXT, values);
    output_text(&array, SqlType::new(TypeOid::TEXT_ARRAY))
        .as_deref()
        .and_then(text)
}

fn schema_cell(catalog: &Catalog, schema: ObjectId) -> Cell {
    catalog.schema(schema).and_then(|schema| text(&schema.name))
}

/// Tables with storage.
pub fn tables(catalog: &Catalog, out: &mut RowSet<'_>) {
    out.fill(
        catalog.tables().filter(|t| t.has_storage()),
        |table, name| table_cell(catalog, table, name),
    );
}

fn table_cell(catalog: &Catalog, table: &Table, name: &str) -> Cell {
    match name {
        "relid" => oid(table.oid),
        "schemaname" => schema_cell(catalog, table.schema),
        "relname" => text(&table.name),
        "n_live_tup" => {
            let rows = catalog
                .statistics(table.oid)
                .map_or(0.0, |s| s.rows.max(0.0));
            int8(rows as i64)
        }
        _ => None,
    }
}

pub fn indexes(catalog: &Catalog, out: &mut RowSet<'_>) {
    out.fill(catalog.indexes(), |index, name| {
        index_cell(catalog, index, name)
    });
}

fn index_cell(catalog: &Catalog, index: &Index, name: &str) -> Cell {
    match name {
        "relid" => oid(index.table),
        "indexrelid" => oid(index.oid),
        "schemaname" => schema_cell(catalog, index.schema),
        "relname" => catalog
            .table(index.table)
            .and_then(|table| text(&table.name)),
        "indexrelname" => text(&index.name),
        _ => None,
    }
}

pub fn sequences(catalog: &Catalog, out: &mut RowSet<'_>) {
    out.fill(catalog.sequences(), |sequence, name| match name {
        "relid" => oid(sequence.oid),
        "schemaname" => schema_cell(catalog, sequence.schema),
        "relname" => text(&sequence.name),
        _ => None,
    });
}
