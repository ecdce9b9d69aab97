//! Rows of a table, each with the same chance to be taken.
//!
//! A small table is read whole, and a reservoir keeps a sample. Of a large one rows are fetched by
//! random ids: how many of the ids have a visible row tells how many rows the table has.

use common::{Result, RowId, rt};
use sql::access::{Fetched, RowRange, Store};
use types::{Batch, Vector};

use crate::store::StatementStore;

/// PostgreSQL takes 300 times the statistics target.
const SAMPLE_ROWS: usize = 30_000;
/// Tables with at most as many row ids are read whole.
const WHOLE_IDS_MAX: u64 = 10 * SAMPLE_ROWS as u64;
/// Where fewer of the fetched ids have a row, the whole table is read: ids say too little.
const HITS_MIN: usize = SAMPLE_ROWS / 10;
/// Rows that are read ahead at a time.
const AHEAD_ROWS: usize = 128;
/// Rows fetched between two looks at the cancel flag.
const POLL_ROWS: usize = 32;

pub struct Sample {
    /// All columns of the table, in the order of the row ids.
    pub rows: Batch,
    /// Visible rows of the whole table, perhaps estimated.
    pub table_rows: f64,
}

impl Sample {
    pub fn is_whole(&self) -> bool {
        self.rows.len as f64 >= self.table_rows
    }
}

/// Takes up to 30,000 rows.
pub fn take(store: &StatementStore, table: &catalog::Table) -> Result<Sample> {
    let relation = store.open_relation(table.oid)?;
    let columns: Vec<u16> = (0..table.columns.len() as u16).collect();
    let end = relation.table.row_id_end();
    if let Some(first) = first_row(store, table)?
        && end.0 - first.0 > WHOLE_IDS_MAX
        && let Some(sample) = fetch_some(store, table, &columns, first.0..end.0)?
    {
        return Ok(sample);
    }
    read_whole(store, table, &columns)
}

fn first_row(store: &StatementStore, table: &catalog::Table) -> Result<Option<RowId>> {
    let mut source = store.scan(table.oid, &[], &[], RowRange::ALL)?;
    let (mut batch, mut ids) = (Batch::default(), Vec::new());
    source.next_batch(&mut batch, &mut ids)?;
    Ok(ids.first().copied())
}

fn fetch_some(
    store: &StatementStore,
    table: &catalog::Table,
    columns: &[u16],
    ids: std::ops::Range<u64>,
) -> Result<Option<Sample>> {
    let mut random = Random::new();
    let span = ids.end - ids.start;
    let mut wanted: Vec<u64> = (0..SAMPLE_ROWS)
        .map(|_| ids.start + random.below(span))
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut rows = empty(table);
    for (at, id) in wanted.iter().enumerate() {
        before_fetch(store, table, at, |place| {
            wanted.get(place).copied().map(RowId)
        })?;
        store.fetch(table.oid, RowId(*id), columns, &mut rows)?;
    }
    if rows.len < HITS_MIN {
        return Ok(None);
    }
    let table_rows = (span as f64 * rows.len as f64 / wanted.len() as f64).round();
    Ok(Some(Sample { rows, table_rows }))
}

/// Vitter's algorithm R, over row ids: the rows themselves are fetched at the end where the sample
/// does not hold them all.
fn read_whole(store: &StatementStore, table: &catalog::Table, columns: &[u16]) -> Result<Sample> {
    let mut source = store.scan(table.oid, &[], &[], RowRange::ALL)?;
    let (mut batch, mut ids) = (Batch::default(), Vec::new());
    let mut random = Random::new();
    let mut kept: Vec<RowId> = Vec::new();
    let mut seen = 0u64;
    while source.next_batch(&mut batch, &mut ids)? {
        store.poll()?;
        for id in &ids {
            seen += 1;
            if kept.len() < SAMPLE_ROWS {
                kept.push(*id);
            } else if let Some(place) = kept.get_mut(random.below(seen) as usize) {
                *place = *id;
            }
        }
    }
    kept.sort_unstable();
    let mut rows = empty(table);
    for (at, id) in kept.iter().enumerate() {
        before_fetch(store, table, at, |place| kept.get(place).copied())?;
        if store.fetch(table.oid, *id, columns, &mut rows)? == Fetched::Missing {
            return Err(common::Error::internal(
                "a row of a snapshot has gone from it",
            ));
        }
    }
    Ok(Sample {
        rows,
        table_rows: seen as f64,
    })
}

/// Has the rows that come soon read ahead, and looks whether to go on: each may be on the disk.
fn before_fetch(
    store: &StatementStore,
    table: &catalog::Table,
    at: usize,
    id_at: impl Fn(usize) -> Option<RowId>,
) -> Result<()> {
    if at.is_multiple_of(AHEAD_ROWS) {
        let relation = store.open_relation(table.oid)?;
        let soon = (at..at + AHEAD_ROWS).map_while(id_at);
        relation.table.prefetch_rows(soon)?;
    }
    match at % POLL_ROWS {
        0 => store.poll(),
        _ => Ok(()),
    }
}

fn empty(table: &catalog::Table) -> Batch {
    let vector = |column: &catalog::Column| Vector::for_type(types::TypeOid(column.ty.oid.0));
    Batch {
        columns: table.columns.iter().map(vector).collect(),
        len: 0,
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn new() -> Self {
        Self(rt::random_u64())
    }

    /// A number below `bound`, which is not 0.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        ((u128::from(z) * u128::from(bound)) >> 64) as u64
    }
}
