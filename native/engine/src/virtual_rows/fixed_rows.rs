//! Rows that every database has, from the catalog's list of them.

use common::Result;
use types::{Datum, Physical, SqlType, TextContext, TypeOid, parse_text, physical_of};

use super::cells::Cell;
use super::row_set::RowSet;

/// The fields of one fixed row.
pub struct FixedRow<'a> {
    columns: &'a [&'static str],
    fields: Vec<&'static str>,
}

impl FixedRow<'_> {
    /// A field's text; None for NULL and for a column that is not given.
    pub fn field(&self, column: &str) -> Option<&'static str> {
        let at = self.columns.iter().position(|c| *c == column)?;
        Some(self.fields[at]).filter(|field| *field != "\\N")
    }

    /// A field that is an oid; 0 for none.
    pub fn oid(&self, column: &str) -> u32 {
        self.field(column)
            .and_then(|field| field.parse().ok())
            .unwrap_or(0)
    }

    /// The numbers of an `oidvector` field.
    pub fn oids(&self, column: &str) -> Vec<u32> {
        let field = self.field(column).unwrap_or("");
        field
            .split(' ')
            .filter_map(|number| number.parse().ok())
            .collect()
    }
}

/// The fixed rows of a relation.
pub fn fixed_rows(relation: &str) -> impl Iterator<Item = FixedRow<'static>> {
    let rows = catalog::system::system_rows(relation).into_iter();
    rows.flat_map(|rows| {
        rows.lines.iter().map(|line| FixedRow {
            columns: &rows.columns,
            fields: line.split('\t').collect(),
        })
    })
}

/// Adds the fixed rows that `keep` keeps; `other` gives columns that the list leaves out.
pub fn add_fixed(
    out: &mut RowSet<'_>,
    keep: impl Fn(&FixedRow<'_>) -> bool,
    other: impl Fn(&FixedRow<'_>, &str) -> Cell,
) -> Result<()> {
    let relation = out.table.name.clone();
    let types: Vec<(String, TypeOid)> = out
        .wanted()
        .map(|(name, ty)| (name.to_owned(), ty))
        .collect();
    let mut made = Vec::new();
    let context = TextContext::default();
    for row in fixed_rows(&relation).filter(|row| keep(row)) {
        let mut cells = Vec::with_capacity(types.len());
        for (name, ty) in &types {
            cells.push(match row.field(name) {
                Some(field) => Some(value(*ty, field, &context)?),
                None => other(&row, name),
            });
        }
        made.push(cells);
    }
    let position = |name: &str| types.iter().position(|(n, _)| n == name);
    out.fill(made, |cells, name| {
        position(name).and_then(|at| cells[at].clone())
    });
    Ok(())
}

/// Oids are numbers whatever their type.
fn value(ty: TypeOid, field: &str, context: &TextContext) -> Result<Datum> {
    if physical_of(ty) == Physical::I32
        && let Ok(number) = field.parse::<i64>()
    {
        return Ok(Datum::I32(number as i32));
    }
    let unescaped = match field.contains('\\') {
        true => field
            .replace("\\\\", "\\")
            .replace("\\t", "\t")
            .replace("\\n", "\n"),
        false => field.to_owned(),
    };
    parse_text(SqlType::new(ty), &unescaped, context)
}
