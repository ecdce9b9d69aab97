//! Subqueries in expressions: as joins, and run for each row.

use std::sync::Arc;

use sql::ir::*;
use types::{Collation, Datum};

use crate::build::*;
use crate::memory::Memory;
use crate::numbers::*;

struct Two {
    memory: Memory,
    outer: Arc<TableRules>,
    inner: Arc<TableRules>,
}

fn two() -> Two {
    let outer = TableOf::new(1, "o", &[("a", INT)]).done();
    let inner = TableOf::new(2, "i", &[("b", INT), ("v", INT)]).done();
    let memory = Memory::new();
    memory.add_table(outer.clone());
    memory.add_table(inner.clone());
    memory.fill(outer.table.oid, [1, 2, 3, 4].map(|n| vec![i(n)]));
    memory.fill(outer.table.oid, [vec![NULL]]);
    memory.fill(
        inner.table.oid,
        [(1, 10), (1, 20), (3, 5)].map(|(b, v)| vec![i(b), i(v)]),
    );
    Two {
        memory,
        outer,
        inner,
    }
}

/// The outer ids for which `condition(outer scan, inner scan)` holds.
fn ask(two: &Two, condition: impl Fn(&mut Builder, &Scanned, Scanned) -> Expr) -> Vec<Vec<Datum>> {
    let mut b = Builder::default();
    let o = b.scan(&two.outer);
    let inner = b.scan(&two.inner);
    let condition = condition(&mut b, &o, inner);
    let out = vec![o.col(0)];
    run(&two.memory, b.query(filter(o.plan, condition), out)).unwrap()
}

fn subquery(kind: SubqueryKind, plan: Plan, column: ColumnId, ty: types::SqlType) -> Expr {
    Expr::Subquery(Box::new(Subquery {
        kind,
        plan,
        columns: vec![column],
        ty,
    }))
}

fn compare(op: Comparison, quantifier: Quantifier, left: Expr, s: Scanned) -> Expr {
    let kind = SubqueryKind::Compare {
        op,
        quantifier,
        left: vec![left],
        collation: Collation::C,
    };
    subquery(kind, s.plan, s.ids[0], BOOL)
}

#[test]
fn exists_and_in_are_semi_joins() {
    let two = two();
    let exists = |o: &Scanned, s: Scanned| {
        let plan = filter(s.plan.clone(), eq(s.col(0), o.col(0)));
        subquery(SubqueryKind::Exists, plan, s.ids[0], BOOL)
    };
    assert_eq!(ask(&two, |_, o, s| exists(o, s)), [[i(1)], [i(3)]]);
    let not = ask(&two, |_, o, s| Expr::Not(Box::new(exists(o, s))));
    assert_eq!(not, [[i(2)], [i(4)], [NULL]]);
    let within = ask(&two, |_, o, s| {
        compare(Comparison::Eq, Quantifier::Any, o.col(0), s)
    });
    assert_eq!(within, [[i(1)], [i(3)]]);
    let mut b = Builder::default();
    let o = b.scan(&two.outer);
    let s = b.scan(&two.inner);
    let condition = exists(&o, s);
    let out = vec![o.col(0)];
    let plan = explain(&two.memory, b.query(filter(o.plan, condition), out));
    assert!(plan.contains("kind: Semi"));
}

#[test]
fn not_in_knows_about_nulls() {
    let two = two();
    let not_in = |o: &Scanned, s| compare(Comparison::Ne, Quantifier::All, o.col(0), s);
    assert_eq!(ask(&two, |_, o, s| not_in(o, s)), [[i(2)], [i(4)]]);
    two.memory.fill(two.inner.table.oid, [vec![NULL, i(1)]]);
    assert!(ask(&two, |_, o, s| not_in(o, s)).is_empty());
    two.memory.with(|state| state.concurrent.clear());
}

#[test]
fn all_and_any_over_an_order() {
    let two = two();
    let greater = ask(&two, |_, o, s| {
        compare(Comparison::Gt, Quantifier::All, o.col(0), s)
    });
    assert_eq!(greater, [[i(4)]]);
}

#[test]
fn a_scalar_aggregate_of_no_rows_keeps_its_meaning() {
    let two = two();
    for (function, empty) in [(&COUNT, Datum::I64(0)), (&SUM, NULL)] {
        let mut b = Builder::default();
        let o = b.scan(&two.outer);
        let s = b.scan(&two.inner);
        let id = b.id(BIG);
        let inner = filter(s.plan.clone(), eq(s.col(0), o.col(0)));
        let plan = grouped(inner, vec![], vec![agg(id, function, vec![s.col(1)])]);
        let value = subquery(SubqueryKind::Scalar, plan, id, BIG);
        let out = vec![o.col(0), value];
        let query = b.query(o.plan, out);
        assert!(explain(&two.memory, query.clone()).contains("HashJoin"));
        let rows = sorted(run(&two.memory, query).unwrap());
        let first = if empty == NULL {
            Datum::I64(30)
        } else {
            Datum::I64(2)
        };
        let third = if empty == NULL {
            Datum::I64(5)
        } else {
            Datum::I64(1)
        };
        let wanted = vec![
            vec![i(1), first],
            vec![i(2), empty.clone()],
            vec![i(3), third],
            vec![i(4), empty.clone()],
            vec![NULL, empty],
        ];
        assert_eq!(rows, sorted(wanted));
    }
}

#[test]
fn a_scalar_subquery_runs_once_for_each_parameter() {
    let two = two();
    two.memory
        .fill(two.outer.table.oid, (0..50).map(|_| vec![i(1)]));
    let mut b = Builder::default();
    let o = b.scan(&two.outer);
    let s = b.scan(&two.inner);
    let inner = filter(s.plan.clone(), eq(s.col(0), o.col(0)));
    let plan = limit(sort(inner, vec![key(s.col(1), true)]), Some(1), None);
    let value = subquery(SubqueryKind::Scalar, plan, s.ids[1], INT);
    let out = vec![o.col(0), value];
    let rows = run(&two.memory, b.query(o.plan, out)).unwrap();
    assert_eq!(rows[0], [i(1), i(20)]);
    assert_eq!(rows[2], [i(3), i(5)]);
    assert_eq!(rows[1], [i(2), NULL]);
    // One scan of the outer table and one of the inner for 1, 2, 3, 4; null matches no row at all.
    assert!(two.memory.with(|state| state.table_scans) <= 6);
}

#[test]
fn more_than_one_row_is_an_error() {
    let two = two();
    let mut b = Builder::default();
    let o = b.scan(&two.outer);
    let s = b.scan(&two.inner);
    let inner = filter(s.plan.clone(), eq(s.col(0), o.col(0)));
    let value = subquery(SubqueryKind::Scalar, inner, s.ids[1], INT);
    let error = run(&two.memory, b.query(o.plan, vec![value])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "21000: more than one row returned by a subquery used as an expression"
    );
}

#[test]
fn an_array_subquery_keeps_the_order() {
    let two = two();
    let mut b = Builder::default();
    let s = b.scan(&two.inner);
    let plan = sort(s.plan.clone(), vec![key(s.col(1), false)]);
    let ty = types::TypeOid::INT4_ARRAY.into();
    let value = subquery(SubqueryKind::Array, plan, s.ids[1], ty);
    let rows = run(&two.memory, b.query(Plan::OneRow, vec![value])).unwrap();
    let wanted = types::build_array(types::TypeOid::INT4, [5, 10, 20].map(types::DatumRef::I32));
    assert_eq!(rows, [[wanted]]);
}
