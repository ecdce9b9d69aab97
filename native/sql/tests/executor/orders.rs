//! Sorts, limits, duplicates, set operations.

use std::sync::Arc;

use sql::ir::*;
use types::Datum;

use crate::build::*;
use crate::memory::Memory;

fn numbers(rows: impl IntoIterator<Item = (i32, Option<i32>)>) -> (Memory, Arc<TableRules>) {
    let rules = TableOf::new(1, "t", &[("a", INT), ("b", INT)])
        .index(10, false, &[(1, false), (0, true)])
        .done();
    let memory = Memory::new();
    memory.add_table(rules.clone());
    let row = |(a, b): (i32, Option<i32>)| vec![i(a), b.map_or(NULL, i)];
    memory.fill(rules.table.oid, rows.into_iter().map(row));
    (memory, rules)
}

fn shuffled(count: i32) -> impl Iterator<Item = (i32, Option<i32>)> {
    (0..count).map(move |n| (n * 7919 % count, (n % 9 != 0).then_some(n % 5)))
}

fn flat(rows: Vec<Vec<Datum>>) -> Vec<Datum> {
    rows.into_iter().map(|mut row| row.remove(0)).collect()
}

#[test]
fn a_sort_orders_all_rows_and_puts_nulls_last() {
    let (memory, rules) = numbers(shuffled(5000));
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let keys = vec![key(s.col(1), false), key(s.col(0), false)];
    let out = vec![s.col(1), s.col(0)];
    let rows = run(&memory, b.query(sort(s.plan, keys), out)).unwrap();
    assert_eq!(rows.len(), 5000);
    let rank = |row: &[Datum]| match (&row[0], &row[1]) {
        (Datum::I32(b), Datum::I32(a)) => (*b, *a),
        (_, Datum::I32(a)) => (i32::MAX, *a),
        _ => panic!("a null key column"),
    };
    assert!(rows.is_sorted_by_key(|row| rank(row)));
}

#[test]
fn a_top_sort_gives_what_a_full_sort_gives() {
    let (memory, rules) = numbers(shuffled(5000));
    let ask = |count: Option<i64>, offset: Option<i64>| {
        let mut b = Builder::default();
        let s = b.scan(&rules);
        let out = vec![s.col(0)];
        let keys = vec![key(s.col(0), true)];
        flat(
            run(
                &memory,
                b.query(limit(sort(s.plan, keys), count, offset), out),
            )
            .unwrap(),
        )
    };
    assert_eq!(ask(Some(3), Some(2)), [i(4997), i(4996), i(4995)]);
    assert_eq!(
        ask(Some(2000), None),
        (0..2000).map(|n| i(4999 - n)).collect::<Vec<_>>()
    );
    assert_eq!(ask(Some(0), None), []);
    assert_eq!(ask(None, Some(4998)), [i(1), i(0)]);
}

#[test]
fn ties_are_given_across_batches() {
    let (memory, rules) = numbers((0..3000).map(|n| (n, Some(n / 2000))));
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let out = vec![s.col(0)];
    let plan = Plan::Limit(Box::new(Limit {
        input: sort(s.plan.clone(), vec![key(s.col(1), false)]),
        limit: Some(big(1)),
        offset: None,
        with_ties: true,
    }));
    assert_eq!(run(&memory, b.query(plan, out)).unwrap().len(), 2000);
}

#[test]
fn an_index_gives_its_order_to_a_limit() {
    let (memory, rules) = numbers(shuffled(5000));
    let ask = |flip: bool| {
        let mut b = Builder::default();
        let s = b.scan(&rules);
        let out = vec![s.col(1), s.col(0)];
        let keys = vec![key(s.col(1), flip), key(s.col(0), !flip)];
        run(
            &memory,
            b.query(limit(sort(s.plan, keys), Some(2), None), out),
        )
        .unwrap()
    };
    let forward = ask(false);
    assert_eq!(forward[0][0], i(0));
    let backward = ask(true);
    assert_eq!(backward[0][0], NULL);
    memory.with(|state| assert_eq!((state.index_scans, state.table_scans), (2, 0)));
}

#[test]
fn distinct_on_keeps_the_first_row() {
    let (memory, rules) = numbers([
        (1, Some(1)),
        (2, Some(1)),
        (3, None),
        (4, None),
        (5, Some(2)),
    ]);
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let out = vec![s.col(0)];
    let on = vec![s.col(1)];
    let keys = vec![key(s.col(1), false), key(s.col(0), true)];
    let plan = Plan::Distinct(Box::new(Distinct {
        input: sort(s.plan.clone(), keys),
        columns: Vec::new(),
        on,
    }));
    assert_eq!(
        flat(run(&memory, b.query(plan, out)).unwrap()),
        [i(2), i(5), i(4)]
    );
}

fn set_op(kind: SetOpKind, all: bool, left: &[i32], right: &[i32]) -> Vec<Datum> {
    let mut b = Builder::default();
    let (l, r, o) = (b.id(INT), b.id(INT), b.id(INT));
    let values = |id, list: &[i32]| {
        Plan::Values(Values {
            rows: list.iter().map(|n| vec![int(*n)]).collect(),
            columns: vec![id],
        })
    };
    let plan = Plan::SetOp(Box::new(SetOp {
        kind,
        all,
        left: values(l, left),
        left_columns: vec![l],
        right: values(r, right),
        right_columns: vec![r],
        columns: vec![o],
    }));
    let mut found = flat(run(&Memory::new(), b.finish(plan, vec![(o, INT)])).unwrap());
    found.sort_by_key(|d| d.as_ref().as_i64());
    found
}

#[test]
fn set_operations_count_duplicates() {
    let (l, r) = ([1, 1, 1, 2, 2, 3], [1, 1, 2, 4]);
    let list = |n: &[i32]| n.iter().map(|n| i(*n)).collect::<Vec<_>>();
    assert_eq!(set_op(SetOpKind::Union, false, &l, &r), list(&[1, 2, 3, 4]));
    assert_eq!(
        set_op(SetOpKind::Union, true, &[1], &[1, 2]),
        list(&[1, 1, 2])
    );
    assert_eq!(set_op(SetOpKind::Intersect, false, &l, &r), list(&[1, 2]));
    assert_eq!(set_op(SetOpKind::Intersect, true, &l, &r), list(&[1, 1, 2]));
    assert_eq!(set_op(SetOpKind::Except, false, &l, &r), list(&[3]));
    assert_eq!(set_op(SetOpKind::Except, true, &l, &r), list(&[1, 2, 3]));
}

#[test]
fn too_much_memory_is_refused() {
    let (memory, rules) = numbers(shuffled(20000));
    memory.with(|state| state.charge_max = 128 * 1024);
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let out = vec![s.col(0)];
    let keys = vec![key(s.col(0), false)];
    let error = run(&memory, b.query(sort(s.plan, keys), out)).unwrap_err();
    assert_eq!(error.state(), common::sqlstate::OUT_OF_MEMORY);
}
