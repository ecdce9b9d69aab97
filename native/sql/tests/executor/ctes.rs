//! WITH, materialized and inlined, and WITH RECURSIVE.

use sql::ir::*;
use types::Datum;

use crate::build::*;
use crate::memory::Memory;
use crate::numbers::*;

fn series(b: &mut Builder, last: i32) -> (ColumnId, Plan) {
    let id = b.id(INT);
    let plan = Plan::FunctionScan(Box::new(FunctionScan {
        functions: vec![FunctionScanItem {
            function: FunctionScanKind::Set {
                function: &SERIES,
                args: vec![int(1), int(last)],
                collation: types::Collation::C,
            },
            columns: vec![id],
        }],
        ordinality: None,
        alias: "s".into(),
    }));
    (id, plan)
}

fn cte(b: &mut Builder, id: CteId) -> (Plan, Expr) {
    let column = b.id(INT);
    let scan = CteScan {
        cte: id,
        alias: "c".into(),
        columns: vec![(column, 0)],
    };
    (Plan::CteScan(scan), Expr::column(column, INT))
}

#[test]
fn a_cte_read_twice_is_computed_once_and_read_in_step() {
    let mut b = Builder::default();
    let (id, plan) = series(&mut b, 2500);
    let (left, l) = cte(&mut b, CteId(0));
    let (right, r) = cte(&mut b, CteId(0));
    let on = eq(l.clone(), call(&ADD, r.clone(), int(1)));
    let body = join(JoinKind::Inner, left, right, on);
    let def = CteDef {
        id: CteId(0),
        name: "c".into(),
        plan,
        columns: vec![id],
        materialized: None,
    };
    let with = Plan::With(Box::new(With {
        ctes: vec![def],
        body,
    }));
    let query = b.query(with, vec![l, r]);
    assert!(explain(&Memory::new(), query.clone()).contains("CteScan"));
    assert_eq!(run(&Memory::new(), query).unwrap().len(), 2499);
}

#[test]
fn a_cte_read_once_is_inlined() {
    for (materialized, kept) in [(None, false), (Some(true), true)] {
        let mut b = Builder::default();
        let (id, plan) = series(&mut b, 3);
        let (body, c) = cte(&mut b, CteId(0));
        let def = CteDef {
            id: CteId(0),
            name: "c".into(),
            plan,
            columns: vec![id],
            materialized,
        };
        let with = Plan::With(Box::new(With {
            ctes: vec![def],
            body,
        }));
        let query = b.query(with, vec![c]);
        assert_eq!(
            explain(&Memory::new(), query.clone()).contains("CteScan"),
            kept
        );
        assert_eq!(
            run(&Memory::new(), query).unwrap(),
            [[i(1)], [i(2)], [i(3)]]
        );
    }
}

/// `WITH RECURSIVE c(n) AS (VALUES (1) UNION [ALL] SELECT step(n) FROM c WHERE n < last)`.
fn recursive(all: bool, last: i32, step: impl Fn(Expr) -> Expr) -> Vec<Vec<Datum>> {
    let mut b = Builder::default();
    let (base, out, next) = (b.id(INT), b.id(INT), b.id(INT));
    let (working, n) = cte(&mut b, CteId(0));
    let filtered = filter(working, cmp(Comparison::Lt, n.clone(), int(last)));
    let step_plan = Plan::Project(Box::new(Project {
        input: filtered,
        columns: vec![(next, step(n))],
        set_returning: Vec::new(),
    }));
    let union = Plan::RecursiveUnion(Box::new(RecursiveUnion {
        cte: CteId(0),
        all,
        base: Plan::Values(Values {
            rows: vec![vec![int(1)]],
            columns: vec![base],
        }),
        base_columns: vec![base],
        step: step_plan,
        step_columns: vec![next],
        columns: vec![out],
    }));
    let def = CteDef {
        id: CteId(0),
        name: "c".into(),
        plan: union,
        columns: vec![out],
        materialized: None,
    };
    let (body, c) = cte(&mut b, CteId(0));
    let with = Plan::With(Box::new(With {
        ctes: vec![def],
        body,
    }));
    run(&Memory::new(), b.query(with, vec![c])).unwrap()
}

#[test]
fn a_recursion_runs_until_its_step_gives_nothing() {
    let rows = recursive(true, 2000, |n| call(&ADD, n, int(1)));
    assert_eq!(rows.len(), 2000);
    assert_eq!(rows[1999], [i(2000)]);
}

#[test]
fn a_recursion_without_all_ends_in_a_cycle() {
    let back = |n: Expr| {
        Expr::Case(Box::new(CaseExpr {
            operand: None,
            branches: vec![(eq(n.clone(), int(3)), int(1))],
            otherwise: Some(call(&ADD, n, int(1))),
            ty: INT,
        }))
    };
    assert_eq!(recursive(false, 100, back), [[i(1)], [i(2)], [i(3)]]);
}
