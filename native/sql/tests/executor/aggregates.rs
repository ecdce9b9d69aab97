//! Grouping, grouping sets, DISTINCT, FILTER and ORDER BY within aggregates.

use std::sync::Arc;

use sql::ir::*;
use types::Datum;

use crate::build::*;
use crate::memory::Memory;
use crate::numbers::*;

fn table(count: i32) -> (Memory, Arc<TableRules>) {
    let rules = TableOf::new(1, "t", &[("g", INT), ("h", INT), ("v", INT)])
        .index(10, false, &[(2, false)])
        .done();
    let memory = Memory::new();
    memory.add_table(rules.clone());
    let row = |n: i32| vec![i(n % 3), i(n % 2), if n % 4 == 0 { NULL } else { i(n) }];
    memory.fill(rules.table.oid, (0..count).map(row));
    (memory, rules)
}

#[test]
fn groups_count_and_sum_without_nulls() {
    let (memory, rules) = table(4000);
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let (g, n, c, sum) = (b.id(INT), b.id(BIG), b.id(BIG), b.id(BIG));
    let calls = vec![
        agg(n, &COUNT, vec![]),
        agg(c, &COUNT, vec![s.col(2)]),
        agg(sum, &SUM, vec![s.col(2)]),
    ];
    let plan = grouped(s.plan.clone(), vec![(g, s.col(0))], calls);
    let out = vec![(g, INT), (n, BIG), (c, BIG), (sum, BIG)];
    let rows = sorted(run(&memory, b.finish(plan, out)).unwrap());
    let wanted = (0..3).map(|g| {
        let all: Vec<i64> = (0..4000).filter(|n| n % 3 == g).collect();
        let some: Vec<i64> = all.iter().copied().filter(|n| n % 4 != 0).collect();
        let sum = some.iter().sum();
        vec![
            i(g as i32),
            Datum::I64(all.len() as i64),
            Datum::I64(some.len() as i64),
            Datum::I64(sum),
        ]
    });
    assert_eq!(rows, sorted(wanted.collect()));
}

#[test]
fn no_rows_are_one_group_only_without_keys() {
    let (memory, rules) = table(0);
    let ask = |with_key: bool| {
        let mut b = Builder::default();
        let s = b.scan(&rules);
        let (g, n, sum) = (b.id(INT), b.id(BIG), b.id(BIG));
        let calls = vec![agg(n, &COUNT, vec![]), agg(sum, &SUM, vec![s.col(2)])];
        let keys = if with_key {
            vec![(g, s.col(0))]
        } else {
            vec![]
        };
        let plan = grouped(s.plan.clone(), keys, calls);
        run(&memory, b.finish(plan, vec![(n, BIG), (sum, BIG)])).unwrap()
    };
    assert_eq!(ask(false), [[Datum::I64(0), NULL]]);
    assert!(ask(true).is_empty());
}

#[test]
fn grouping_sets_give_nulls_for_absent_keys() {
    let (memory, rules) = table(12);
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let (g, h, n, bits) = (b.id(INT), b.id(INT), b.id(BIG), b.id(INT));
    let plan = Plan::Aggregate(Box::new(Aggregate {
        input: s.plan.clone(),
        keys: vec![(g, s.col(0)), (h, s.col(1))],
        sets: Some(vec![vec![0, 1], vec![0], vec![]]),
        calls: vec![agg(n, &COUNT, vec![])],
        grouping: vec![(bits, vec![0, 1])],
    }));
    let out = vec![(g, INT), (h, INT), (n, BIG), (bits, INT)];
    let rows = run(&memory, b.finish(plan, out)).unwrap();
    assert_eq!(rows.len(), 6 + 3 + 1);
    assert_eq!(rows.last().unwrap(), &[NULL, NULL, Datum::I64(12), i(3)]);
    assert_eq!(rows.iter().filter(|row| row[3] == i(1)).count(), 3);
}

#[test]
fn distinct_filter_and_order_within_calls() {
    let (memory, rules) = table(12);
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let (d, f, o) = (b.id(BIG), b.id(BIG), b.id(TEXT));
    let mut distinct = agg(d, &COUNT, vec![s.col(0)]);
    distinct.distinct = true;
    let mut filtered = agg(f, &SUM, vec![s.col(2)]);
    filtered.filter = Some(eq(s.col(1), int(1)));
    let mut ordered = agg(o, &LIST, vec![s.col(2)]);
    ordered.order_by = vec![key(s.col(0), false), key(s.col(2), true)];
    let plan = grouped(s.plan.clone(), vec![], vec![distinct, filtered, ordered]);
    let rows = run(&memory, b.finish(plan, vec![(d, BIG), (f, BIG), (o, TEXT)])).unwrap();
    let odd = (0..12).filter(|n| n % 2 == 1).sum::<i64>();
    assert_eq!(
        rows,
        [[Datum::I64(3), Datum::I64(odd), t("9,6,3,10,7,1,11,5,2")]]
    );
}

#[test]
fn the_ends_of_an_index_need_no_aggregate() {
    let (memory, rules) = table(1000);
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let m = b.id(INT);
    let plan = grouped(s.plan.clone(), vec![], vec![agg(m, &MAX, vec![s.col(2)])]);
    let rows = run(&memory, b.finish(plan, vec![(m, INT)])).unwrap();
    assert_eq!(rows, [[i(999)]]);
    memory.with(|state| assert_eq!((state.index_scans, state.table_scans), (1, 0)));
}
