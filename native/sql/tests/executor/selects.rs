//! Scans, filters, expressions, VALUES, set-returning functions.

use sql::ir::*;
use types::{Datum, TypeOid};

use crate::build::*;
use crate::memory::Memory;
use crate::numbers::*;

fn people() -> (Memory, std::sync::Arc<TableRules>) {
    let rules = TableOf::new(1, "people", &[("id", INT), ("name", TEXT), ("age", INT)])
        .index(10, true, &[(0, false)])
        .index(11, false, &[(2, false)])
        .done();
    let memory = Memory::new();
    memory.add_table(rules.clone());
    let person = |n: i32| {
        let age = if n % 10 == 0 { NULL } else { i(n % 50) };
        vec![i(n), t(&format!("p{n}")), age]
    };
    memory.fill(rules.table.oid, (0..3000).map(person));
    (memory, rules)
}

#[test]
fn a_filter_keeps_rows_that_are_true_only() {
    let (memory, rules) = people();
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let condition = Expr::and([
        cmp(Comparison::Lt, s.col(0), int(25)),
        Expr::Not(Box::new(eq(s.col(2), int(3)))),
    ]);
    let names = vec![s.col(0)];
    let rows = run(&memory, b.query(filter(s.plan, condition), names)).unwrap();
    let ids: Vec<Datum> = rows.into_iter().map(|mut row| row.remove(0)).collect();
    let wanted: Vec<Datum> = (0..25).filter(|n| n % 10 != 0 && *n != 3).map(i).collect();
    assert_eq!(ids, wanted);
}

#[test]
fn a_unique_key_is_looked_up_and_ranges_use_the_index() {
    let (memory, rules) = people();
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let (condition, out) = (eq(s.col(0), int(7)), vec![s.col(1)]);
    let rows = run(&memory, b.query(filter(s.plan, condition), out)).unwrap();
    assert_eq!(rows, [[t("p7")]]);
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let condition = Expr::and([
        cmp(Comparison::Ge, s.col(0), int(100)),
        cmp(Comparison::Gt, int(103), s.col(0)),
    ]);
    let out = vec![s.col(0)];
    let rows = run(&memory, b.query(filter(s.plan, condition), out)).unwrap();
    assert_eq!(rows, [[i(100)], [i(101)], [i(102)]]);
    memory.with(|state| {
        assert_eq!(
            (state.lookups, state.index_scans, state.table_scans),
            (1, 1, 0)
        );
    });
}

#[test]
fn a_list_probes_the_index_once_a_value() {
    let (memory, rules) = people();
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let list = Expr::InList {
        arg: Box::new(s.col(0)),
        list: vec![i(9), NULL, i(5), i(9)],
        negated: false,
        collation: types::Collation::C,
    };
    let out = vec![s.col(0)];
    let rows = run(&memory, b.query(filter(s.plan, list), out)).unwrap();
    assert_eq!(rows, [[i(5)], [i(9)]]);
    assert_eq!(memory.with(|state| state.table_scans), 0);
}

#[test]
fn not_in_with_a_null_is_never_true() {
    let (memory, rules) = people();
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let list = Expr::InList {
        arg: Box::new(s.col(0)),
        list: vec![i(9), NULL],
        negated: true,
        collation: types::Collation::C,
    };
    let out = vec![s.col(0)];
    assert!(
        run(&memory, b.query(filter(s.plan, list), out))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn case_and_and_do_not_evaluate_what_is_not_reached() {
    let (memory, rules) = people();
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let quotient = || call(&DIVIDE, int(100), s.col(0));
    let guarded = Expr::and([
        cmp(Comparison::Ne, s.col(0), int(0)),
        cmp(Comparison::Ge, quotient(), int(50)),
    ]);
    let case = Expr::Case(Box::new(CaseExpr {
        operand: None,
        branches: vec![
            (eq(s.col(0), int(0)), int(-1)),
            (cmp(Comparison::Lt, s.col(0), int(3)), quotient()),
        ],
        otherwise: None,
        ty: INT,
    }));
    let out = vec![s.col(0), guarded.clone(), case];
    let input = limit(s.plan.clone(), Some(4), None);
    let rows = run(&memory, b.query(input, out)).unwrap();
    let bools = |v| Datum::Bool(v);
    assert_eq!(
        rows,
        [
            [i(0), bools(false), i(-1)],
            [i(1), bools(true), i(100)],
            [i(2), bools(true), i(50)],
            [i(3), bools(false), NULL],
        ]
    );
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let out = vec![call(&DIVIDE, int(1), s.col(0))];
    let error = run(&memory, b.query(s.plan, out)).unwrap_err();
    assert_eq!(error.state(), common::sqlstate::DIVISION_BY_ZERO);
}

#[test]
fn a_simple_case_evaluates_its_operand_once_and_compares() {
    let (memory, rules) = people();
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let operand = b.id(INT);
    let case = Expr::Case(Box::new(CaseExpr {
        operand: Some((operand, call(&ADD, s.col(0), int(1)))),
        branches: vec![
            (eq(Expr::column(operand, INT), int(1)), text("one")),
            (eq(Expr::column(operand, INT), int(2)), text("two")),
        ],
        otherwise: Some(text("many")),
        ty: TEXT,
    }));
    let rows = run(&memory, b.query(limit(s.plan, Some(3), None), vec![case])).unwrap();
    assert_eq!(rows, [[t("one")], [t("two")], [t("many")]]);
}

#[test]
fn coalesce_greatest_nullif_distinct() {
    let (memory, rules) = people();
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let c = types::Collation::C;
    let out = vec![
        Expr::Coalesce {
            args: vec![s.col(2), int(-5)],
            ty: INT,
        },
        Expr::MinMax {
            greatest: true,
            args: vec![s.col(2), int(1)],
            ty: INT,
            collation: c,
        },
        Expr::NullIf {
            left: Box::new(s.col(0)),
            right: Box::new(int(1)),
            collation: c,
        },
        Expr::IsDistinct {
            left: Box::new(s.col(2)),
            right: Box::new(Expr::null(INT)),
            negated: true,
            collation: c,
        },
    ];
    let rows = run(&memory, b.query(limit(s.plan, Some(3), None), out)).unwrap();
    let bools = |v| Datum::Bool(v);
    assert_eq!(
        rows,
        [
            [i(-5), i(1), i(0), bools(true)],
            [i(1), i(1), NULL, bools(false)],
            [i(2), i(2), i(2), bools(false)],
        ]
    );
}

#[test]
fn arrays_are_built_and_subscripted() {
    let b = Builder::default();
    let array = Expr::Array {
        elements: vec![int(4), Expr::null(INT), int(6)],
        nested: false,
        ty: TypeOid::INT4_ARRAY.into(),
    };
    let at = |n| Expr::Subscript {
        arg: Box::new(array.clone()),
        items: vec![SubscriptItem::Index(int(n))],
        ty: INT,
    };
    let any = Expr::CompareArray {
        op: Comparison::Eq,
        quantifier: Quantifier::Any,
        arg: Box::new(int(6)),
        array: Box::new(array.clone()),
        collation: types::Collation::C,
    };
    let all = Expr::CompareArray {
        op: Comparison::Gt,
        quantifier: Quantifier::All,
        arg: Box::new(int(9)),
        array: Box::new(array.clone()),
        collation: types::Collation::C,
    };
    let out = vec![at(1), at(2), at(3), at(4), any, all];
    let rows = run(&Memory::new(), b.query(Plan::OneRow, out)).unwrap();
    assert_eq!(rows, [[i(4), NULL, i(6), NULL, Datum::Bool(true), NULL]]);
}

#[test]
fn sets_in_a_select_list_go_in_step() {
    let mut b = Builder::default();
    let (x, y) = (b.id(INT), b.id(INT));
    let set = |id, last| FunctionScanItem {
        function: FunctionScanKind::Set {
            function: &SERIES,
            args: vec![int(1), int(last)],
            collation: types::Collation::C,
        },
        columns: vec![id],
    };
    let plan = Plan::Project(Box::new(Project {
        input: Plan::OneRow,
        columns: Vec::new(),
        set_returning: vec![set(x, 3), set(y, 2)],
    }));
    let rows = run(&Memory::new(), b.finish(plan, vec![(x, INT), (y, INT)])).unwrap();
    assert_eq!(rows, [[i(1), i(1)], [i(2), i(2)], [i(3), NULL]]);
}

#[test]
fn a_function_scan_is_numbered_and_longer_than_a_batch() {
    let mut b = Builder::default();
    let (x, n) = (b.id(INT), b.id(BIG));
    let plan = Plan::FunctionScan(Box::new(FunctionScan {
        functions: vec![FunctionScanItem {
            function: FunctionScanKind::Set {
                function: &SERIES,
                args: vec![int(5), int(5004)],
                collation: types::Collation::C,
            },
            columns: vec![x],
        }],
        ordinality: Some(n),
        alias: "s".into(),
    }));
    let rows = run(&Memory::new(), b.finish(plan, vec![(x, INT), (n, BIG)])).unwrap();
    assert_eq!(rows.len(), 5000);
    assert_eq!(rows[4999], [i(5004), Datum::I64(5000)]);
}

#[test]
fn negative_limits_are_refused() {
    let (memory, rules) = people();
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let out = vec![s.col(0)];
    let error = run(&memory, b.query(limit(s.plan, Some(-1), None), out)).unwrap_err();
    assert_eq!(error.to_string(), "2201W: LIMIT must not be negative");
}
