//! The statistics of one column: `compute_scalar_stats` of PostgreSQL's analyze.c.

use std::cmp::Ordering;

use common::Result;
use sql::access::Store;
use sql::sample_sort;
use types::{DatumRef, SqlType, TypeOid, ValueClass, Vector, compare_class, output_text};

use super::sample::Sample;
use crate::store::StatementStore;

/// Most common values and histogram buckets (`default_statistics_target`).
const TARGET: usize = 100;
/// Wider values are counted, but not kept (`WIDTH_THRESHOLD`).
const WIDTH_MAX: usize = 1024;

/// A value that the sample has one or more times.
#[derive(Clone, Copy)]
struct Run {
    /// Its first place among the sorted rows.
    first: usize,
    count: usize,
}

/// Finds out about one column.
pub fn statistics(
    store: &StatementStore,
    column: &catalog::Column,
    sample: &Sample,
) -> Result<catalog::ColumnStatistics> {
    let values = &sample.rows.columns[column.attnum as usize - 1];
    let ty = SqlType::new(TypeOid(column.ty.oid.0));
    let (present, sorted, width) = sort(values, ty, sample.rows.len, &mut || store.poll())?;
    store.poll()?;
    let len = sample.rows.len.max(1) as f64;
    let null_fraction = 1.0 - present as f64 / len;
    let found = catalog::ColumnStatistics {
        attnum: column.attnum,
        null_fraction: if present == 0 {
            1.0
        } else {
            null_fraction.max(0.0)
        },
        width_bytes: (width as f64 / present.max(1) as f64).round() as u32,
        ..catalog::ColumnStatistics::default()
    };
    if sample.rows.len == 0 {
        return Ok(catalog::ColumnStatistics {
            null_fraction: 0.0,
            ..found
        });
    }
    let runs = runs(values, ty, &sorted);
    let distinct = distinct(&runs, sorted.len(), present, sample, null_fraction);
    let common = most_common(
        &runs,
        distinct,
        null_fraction,
        present > sorted.len(),
        sample,
    );
    let text = |row: u32| output_text(&values.get(row as usize).to_owned(), ty).unwrap_or_default();
    let is_common = |run: &Run| common.iter().any(|other| other.first == run.first);
    let rest: Vec<Run> = runs.iter().copied().filter(|run| !is_common(run)).collect();
    Ok(catalog::ColumnStatistics {
        distinct,
        most_common: common.iter().map(|run| text(sorted[run.first])).collect(),
        most_common_frequencies: common.iter().map(|run| run.count as f64 / len).collect(),
        histogram: histogram(&rest)
            .into_iter()
            .map(|at| text(sorted[at]))
            .collect(),
        correlation: correlation(&sorted),
        ..found
    })
}

/// How many rows have a value, those of them that are not too wide in order of their values, and
/// the bytes of all.
fn sort(
    values: &Vector,
    ty: SqlType,
    len: usize,
    poll: &mut impl FnMut() -> Result<()>,
) -> Result<(usize, Vec<u32>, usize)> {
    let fixed = values.physical().fixed_size();
    let (mut present, mut width) = (0, 0);
    let mut sorted = Vec::with_capacity(len);
    for row in 0..len {
        let bytes = match values.get(row) {
            DatumRef::Null => continue,
            DatumRef::Bytes(bytes) => bytes.len(),
            _ => fixed.unwrap_or(0),
        };
        present += 1;
        width += bytes;
        if bytes <= WIDTH_MAX {
            sorted.push(row as u32);
        }
    }
    let class = ValueClass::of(ty.oid);
    let by_value = |a: &u32, b: &u32| order(values, class, *a, *b).then(a.cmp(b));
    sample_sort(&mut sorted, &by_value, poll)?;
    Ok((present, sorted, width))
}

fn order(values: &Vector, class: ValueClass, a: u32, b: u32) -> Ordering {
    compare_class(class, values.get(a as usize), values.get(b as usize))
}

fn runs(values: &Vector, ty: SqlType, sorted: &[u32]) -> Vec<Run> {
    let class = ValueClass::of(ty.oid);
    let mut runs: Vec<Run> = Vec::new();
    for (at, row) in sorted.iter().enumerate() {
        match runs.last_mut() {
            Some(run) if order(values, class, sorted[run.first], *row).is_eq() => run.count += 1,
            _ => runs.push(Run {
                first: at,
                count: 1,
            }),
        }
    }
    runs
}

/// The number of distinct values: as PostgreSQL keeps it, negative where it grows with the table.
///
/// Haas and Stokes, "Estimating the number of classes in a finite population" (1998), formula Duj1.
fn distinct(runs: &[Run], kept: usize, present: usize, sample: &Sample, nulls: f64) -> f64 {
    let all = sample.table_rows;
    if present == 0 || all == 0.0 {
        return 0.0;
    }
    // Each value that is too wide counts as one of its own.
    let wide = present - kept;
    let once = runs.iter().filter(|run| run.count == 1).count() + wide;
    let d = (runs.len() + wide) as f64;
    let estimate = if once == runs.len() + wide {
        return -(1.0 - nulls);
    } else if once == 0 || sample.is_whole() {
        d
    } else {
        let (n, once, all) = (present as f64, once as f64, all * (1.0 - nulls));
        let estimate = n * d / (n - once + once * n / all).max(1.0);
        estimate.clamp(d, all.max(d))
    };
    if estimate > 0.1 * all {
        -(estimate / all).min(1.0)
    } else {
        (estimate + 0.5).floor()
    }
}

/// The values that are worth remembering, the most frequent first.
fn most_common(
    runs: &[Run],
    distinct: f64,
    nulls: f64,
    has_wide: bool,
    sample: &Sample,
) -> Vec<Run> {
    let mut tracked: Vec<Run> = runs.iter().copied().filter(|run| run.count > 1).collect();
    tracked.sort_by(|a, b| b.count.cmp(&a.count).then(a.first.cmp(&b.first)));
    let is_complete = tracked.len() == runs.len() && !has_wide && distinct > 0.0;
    if is_complete && tracked.len() <= TARGET {
        return tracked;
    }
    tracked.truncate(TARGET);
    let kept = significant(&tracked, distinct, nulls, sample);
    tracked.truncate(kept);
    tracked
}

/// How many of the values are clearly more frequent than those that are left out: two standard
/// deviations of the hypergeometric distribution (`analyze_mcv_list`).
fn significant(common: &[Run], distinct: f64, nulls: f64, sample: &Sample) -> usize {
    let (n, all) = (sample.rows.len as f64, sample.table_rows);
    if sample.is_whole() || all <= 1.0 {
        return common.len();
    }
    let in_table = if distinct < 0.0 {
        -distinct * all
    } else {
        distinct
    };
    let mut kept = common.len();
    let mut sum: f64 = common.iter().map(|run| run.count as f64).sum();
    while kept > 0 {
        let count = common[kept - 1].count as f64;
        sum -= count;
        let others = in_table - (kept as f64 - 1.0);
        let mut share = (1.0 - sum / n - nulls).clamp(0.0, 1.0);
        if others > 1.0 {
            share /= others;
        }
        let hits = all * count / n;
        let variance = n * hits * (all - hits) * (all - n) / (all * all * (all - 1.0));
        if count > share * n + 2.0 * variance.max(0.0).sqrt() + 0.5 {
            break;
        }
        kept -= 1;
    }
    kept
}

/// Places among the sorted rows of the bounds of buckets that have equally many of `rest`.
fn histogram(rest: &[Run]) -> Vec<usize> {
    let bounds = rest.len().min(TARGET + 1);
    if bounds < 2 {
        return Vec::new();
    }
    let total: usize = rest.iter().map(|run| run.count).sum();
    let mut places = Vec::with_capacity(bounds);
    let (mut at, mut before) = (0, 0);
    for bound in 0..bounds {
        let wanted = bound * (total - 1) / (bounds - 1);
        while wanted >= before + rest[at].count {
            before += rest[at].count;
            at += 1;
        }
        places.push(rest[at].first + wanted - before);
    }
    places
}

/// Of the rows' order in the table with that of their values.
fn correlation(sorted: &[u32]) -> f64 {
    let n = sorted.len() as f64;
    if sorted.len() < 2 {
        return 0.0;
    }
    // Places among the rows that have a value: both are the numbers 0 to n - 1.
    let mut places: Vec<(u32, u32)> = sorted
        .iter()
        .enumerate()
        .map(|(at, row)| (*row, at as u32))
        .collect();
    places.sort_unstable();
    let products = places.iter().enumerate();
    let xy: f64 = products.map(|(x, (_, y))| x as f64 * f64::from(*y)).sum();
    let sum = (n - 1.0) * n / 2.0;
    let squares = (n - 1.0) * n * (2.0 * n - 1.0) / 6.0;
    (n * xy - sum * sum) / (n * squares - sum * sum)
}

#[cfg(test)]
mod tests {
    use types::Batch;

    use super::*;

    fn sample(values: Vec<i32>, table_rows: f64) -> Sample {
        let len = values.len();
        Sample {
            rows: Batch::new(vec![Vector::from(values)], len),
            table_rows,
        }
    }

    fn of(values: Vec<i32>, table_rows: f64) -> (f64, Vec<Run>, Vec<Run>) {
        let sample = sample(values, table_rows);
        let (present, sorted, _) = sort(
            &sample.rows.columns[0],
            SqlType::new(TypeOid::INT4),
            sample.rows.len,
            &mut || Ok(()),
        )
        .unwrap();
        let runs = runs(
            &sample.rows.columns[0],
            SqlType::new(TypeOid::INT4),
            &sorted,
        );
        let distinct = distinct(&runs, sorted.len(), present, &sample, 0.0);
        let common = most_common(&runs, distinct, 0.0, false, &sample);
        (distinct, common, runs)
    }

    #[test]
    fn a_key_is_as_distinct_as_the_table_is_long() {
        let (distinct, common, runs) = of((0..1000).collect(), 1e6);
        assert_eq!(distinct, -1.0);
        assert!(common.is_empty());
        let bounds = histogram(&runs);
        assert_eq!((bounds.len(), bounds[0], bounds[100]), (101, 0, 999));
    }

    #[test]
    fn few_values_are_all_remembered() {
        let (distinct, common, _) = of((0..1000).map(|at| at % 7).collect(), 1e6);
        assert_eq!((distinct, common.len()), (7.0, 7));
        assert_eq!(common[0].count, 143);
    }

    #[test]
    fn of_many_values_only_frequent_ones_are_remembered() {
        let values = (0..20_000).map(|at| if at % 2 == 0 { 0 } else { at / 4 });
        let (_, common, runs) = of(values.collect(), 1e6);
        assert_eq!(common.len(), 1);
        assert_eq!(common[0].count, 10_002);
        let rest: Vec<Run> = runs[1..].to_vec();
        let bounds = histogram(&rest);
        assert!(bounds.is_sorted() && bounds.len() == 101);
    }

    #[test]
    fn order_on_the_disk_correlates() {
        let up: Vec<u32> = (0..100).collect();
        let down: Vec<u32> = (0..100).rev().collect();
        assert!((correlation(&up) - 1.0).abs() < 1e-9);
        assert!((correlation(&down) + 1.0).abs() < 1e-9);
    }
}
