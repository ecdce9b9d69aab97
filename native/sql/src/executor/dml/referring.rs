//! Finds the rows that refer to a key.

use common::{Result, RowId};
use smallvec::SmallVec;
use types::{Batch, Datum};

use crate::access::{ColumnPredicate, Direction, IndexBounds, RowRange, RowSource};
use crate::executor::context::Context;
use crate::ir::{Comparison, ForeignKeyRule};

/// Rows that refer to a key, with the wanted columns.
pub struct Referring {
    pub row_ids: Vec<RowId>,
    pub rows: Batch,
}

/// The rows of the referring table with this key (of its own types, none null). Without `columns`
/// the first found is enough.
pub fn referring_rows(
    cx: &mut Context<'_>,
    rule: &ForeignKeyRule,
    key: &[Datum],
    columns: &[u16],
) -> Result<Referring> {
    // The key's columns are read too, after the wanted ones, to compare.
    let mut positions = columns.to_vec();
    positions.extend(&rule.child_columns);
    let mut source = open(cx, rule, key, &positions)?;
    let mut found = Referring {
        row_ids: Vec::new(),
        rows: Batch::default(),
    };
    let (mut batch, mut ids) = (Batch::default(), Vec::new());
    while source.next_batch(&mut batch, &mut ids)? {
        cx.poll()?;
        let equal = |row: &u32| {
            let row = *row as usize;
            key.iter()
                .zip(&rule.child_types)
                .enumerate()
                .all(|(at, (value, ty))| {
                    let own = batch.get(columns.len() + at, row);
                    !own.is_null() && types::compare(ty.oid, own, value.as_ref()).is_eq()
                })
        };
        let rows: Vec<u32> = (0..batch.len as u32).filter(equal).collect();
        if rows.is_empty() {
            continue;
        }
        found
            .row_ids
            .extend(rows.iter().map(|row| ids[*row as usize]));
        if columns.is_empty() {
            break;
        }
        let mut kept = batch.gather(&rows);
        kept.columns.truncate(columns.len());
        cx.charge(kept.memory_bytes())?;
        if found.rows.columns.is_empty() {
            kept.columns.iter_mut().for_each(types::Vector::flatten);
            found.rows = kept;
        } else {
            found.rows.append_all(&kept);
        }
    }
    Ok(found)
}

/// By the index that leads with the key's columns, else by the whole table.
fn open(
    cx: &Context<'_>,
    rule: &ForeignKeyRule,
    key: &[Datum],
    positions: &[u16],
) -> Result<Box<dyn RowSource>> {
    if let Some(oid) = rule.child_index {
        let child = cx.store.rules(rule.child)?;
        if let Some(index) = child.indexes.iter().find(|known| known.index.oid == oid) {
            let leading = index.index.keys.iter().map_while(|column| {
                let position = u16::try_from(column.attnum - 1).ok()?;
                rule.child_columns.iter().position(|own| *own == position)
            });
            let prefix: SmallVec<[Datum; 4]> = leading.map(|at| key[at].clone()).collect();
            if !prefix.is_empty() {
                let bounds = IndexBounds {
                    prefix,
                    ..IndexBounds::default()
                };
                return cx.store.index_scan(
                    rule.child,
                    oid,
                    positions,
                    &bounds,
                    Direction::Forward,
                    false,
                );
            }
        }
    }
    let predicates: Vec<ColumnPredicate> = rule
        .child_columns
        .iter()
        .zip(key)
        .map(|(position, value)| ColumnPredicate {
            position: *position,
            op: Comparison::Eq,
            value: value.clone(),
        })
        .collect();
    cx.store
        .scan(rule.child, positions, &predicates, RowRange::ALL)
}
