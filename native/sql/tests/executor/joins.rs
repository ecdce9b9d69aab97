//! Joins of every kind, by every method, against a nested loop written out here.

use std::sync::Arc;

use sql::ir::*;
use types::Datum;

use crate::build::*;
use crate::memory::Memory;

struct Two {
    memory: Memory,
    left: Arc<TableRules>,
    right: Arc<TableRules>,
}

/// `indexed`: the right table has an index on its first column.
fn two(indexed: bool, left: i32, right: i32) -> Two {
    let l = TableOf::new(1, "l", &[("a", INT), ("x", INT)]).done();
    let mut r = TableOf::new(2, "r", &[("b", INT), ("y", INT)]);
    if indexed {
        r = r.index(20, false, &[(0, false)]);
    }
    let r = r.done();
    let memory = Memory::new();
    memory.add_table(l.clone());
    memory.add_table(r.clone());
    let row = |n: i32, m: i32| vec![if n % 7 == 0 { NULL } else { i(n % m) }, i(n)];
    memory.fill(l.table.oid, (0..left).map(|n| row(n, 40)));
    memory.fill(r.table.oid, (0..right).map(|n| row(n, 60)));
    Two {
        memory,
        left: l,
        right: r,
    }
}

fn expected(two: &Two, kind: JoinKind, extra: bool) -> Vec<Vec<Datum>> {
    let left = two.memory.rows(two.left.table.oid);
    let right = two.memory.rows(two.right.table.oid);
    let matches = |l: &[Datum], r: &[Datum]| {
        let equal = l[0] != NULL && l[0] == r[0];
        let more = l[1].as_ref().as_i64() < r[1].as_ref().as_i64();
        equal && (!extra || more)
    };
    let mut rows = Vec::new();
    let mut right_matched = vec![false; right.len()];
    for l in &left {
        let mut any = false;
        for (at, r) in right.iter().enumerate() {
            if matches(l, r) {
                any = true;
                right_matched[at] = true;
                if !matches!(kind, JoinKind::Semi | JoinKind::Anti) {
                    rows.push(vec![l[1].clone(), r[1].clone()]);
                }
            }
        }
        match kind {
            JoinKind::Left | JoinKind::Full if !any => rows.push(vec![l[1].clone(), NULL]),
            JoinKind::Semi if any => rows.push(vec![l[1].clone()]),
            JoinKind::Anti if !any => rows.push(vec![l[1].clone()]),
            _ => {}
        }
    }
    if matches!(kind, JoinKind::Right | JoinKind::Full) {
        for (at, r) in right
            .iter()
            .enumerate()
            .filter(|(at, _)| !right_matched[*at])
        {
            let _ = at;
            rows.push(vec![NULL, r[1].clone()]);
        }
    }
    sorted(rows)
}

fn joined(two: &Two, kind: JoinKind, extra: bool) -> Query {
    let mut b = Builder::default();
    let l = b.scan(&two.left);
    let r = b.scan(&two.right);
    let mut condition = vec![eq(l.col(0), r.col(0))];
    if extra {
        condition.push(cmp(Comparison::Lt, l.col(1), r.col(1)));
    }
    let mut out = vec![l.col(1)];
    if !matches!(kind, JoinKind::Semi | JoinKind::Anti) {
        out.push(r.col(1));
    }
    let plan = join(kind, l.plan, r.plan, Expr::and(condition));
    b.query(plan, out)
}

const KINDS: [JoinKind; 6] = [
    JoinKind::Inner,
    JoinKind::Left,
    JoinKind::Right,
    JoinKind::Full,
    JoinKind::Semi,
    JoinKind::Anti,
];

#[test]
fn hash_joins_of_every_kind() {
    for kind in KINDS {
        for extra in [false, true] {
            let two = two(false, 300, 200);
            assert!(explain(&two.memory, joined(&two, kind, extra)).contains("HashJoin"));
            let found = sorted(run(&two.memory, joined(&two, kind, extra)).unwrap());
            assert_eq!(found, expected(&two, kind, extra), "{kind:?} {extra}");
        }
    }
}

#[test]
fn index_joins_of_every_kind() {
    for kind in KINDS {
        let two = two(true, 4, 3000);
        let plan = explain(&two.memory, joined(&two, kind, false));
        if !matches!(kind, JoinKind::Full | JoinKind::Right) {
            assert!(
                plan.contains("NestedLoop") && plan.contains("IndexScan"),
                "{kind:?}"
            );
        }
        let found = sorted(run(&two.memory, joined(&two, kind, false)).unwrap());
        assert_eq!(found, expected(&two, kind, false), "{kind:?}");
    }
}

#[test]
fn loops_without_an_equality() {
    let two = two(false, 60, 50);
    let mut b = Builder::default();
    let l = b.scan(&two.left);
    let r = b.scan(&two.right);
    let out = vec![l.col(1), r.col(1)];
    let plan = join(
        JoinKind::Inner,
        l.plan.clone(),
        r.plan.clone(),
        cmp(Comparison::Lt, l.col(1), r.col(1)),
    );
    let rows = run(&two.memory, b.query(plan, out)).unwrap();
    let wanted = (0..60)
        .map(|a: i32| (0..50).filter(|b| a < *b).count())
        .sum::<usize>();
    assert_eq!(rows.len(), wanted);
}

#[test]
fn an_outer_join_under_a_strict_condition_is_inner() {
    let two = two(false, 100, 100);
    let mut b = Builder::default();
    let l = b.scan(&two.left);
    let r = b.scan(&two.right);
    let out = vec![l.col(1), r.col(1)];
    let on = eq(l.col(0), r.col(0));
    let plan = join(JoinKind::Left, l.plan.clone(), r.plan.clone(), on);
    let plan = filter(plan, cmp(Comparison::Gt, r.col(1), int(-1)));
    let query = b.query(plan, out);
    assert!(explain(&two.memory, query.clone()).contains("kind: Inner"));
    let found = sorted(run(&two.memory, query).unwrap());
    assert_eq!(found, expected(&two, JoinKind::Inner, false));
}

#[test]
fn many_relations_join_in_any_order_to_the_same_rows() {
    // A chain of twelve goes by the greedy search, of five by the exhaustive one.
    for count in [5, 12] {
        let memory = Memory::new();
        let mut b = Builder::default();
        let mut plan: Option<(Plan, Expr)> = None;
        let mut first = None;
        for n in 0..count {
            let rules = TableOf::new(10 + n, &format!("t{n}"), &[("k", INT), ("v", INT)])
                .index(100 + n, true, &[(0, false)])
                .done();
            memory.add_table(rules.clone());
            memory.fill(
                rules.table.oid,
                (0..20 + n as i32).map(|k| vec![i(k), i(k + 1)]),
            );
            let s = b.scan(&rules);
            first.get_or_insert(s.col(0));
            plan = Some(match plan {
                None => (s.plan.clone(), s.col(1)),
                Some((left, last)) => {
                    let on = eq(last, s.col(0));
                    (join(JoinKind::Inner, left, s.plan.clone(), on), s.col(1))
                }
            });
        }
        let (plan, last) = plan.unwrap();
        let start = filter(plan, eq(first.clone().unwrap(), int(3)));
        let rows = run(&memory, b.query(start, vec![first.unwrap(), last])).unwrap();
        assert_eq!(rows, [[i(3), i(3 + count as i32)]]);
    }
}

#[test]
fn a_lateral_join_runs_its_right_side_for_each_left_row() {
    let two = two(false, 5, 0);
    let mut b = Builder::default();
    let l = b.scan(&two.left);
    let x = b.id(INT);
    let series = Plan::FunctionScan(Box::new(FunctionScan {
        functions: vec![FunctionScanItem {
            function: FunctionScanKind::Set {
                function: &crate::numbers::SERIES,
                args: vec![int(1), l.col(1)],
                collation: types::Collation::C,
            },
            columns: vec![x],
        }],
        ordinality: None,
        alias: "s".into(),
    }));
    let out = vec![l.col(1), Expr::column(x, INT)];
    let plan = Plan::Join(Box::new(Join {
        kind: JoinKind::Left,
        left: l.plan,
        right: series,
        condition: Expr::boolean(true),
        lateral: true,
    }));
    let rows = run(&two.memory, b.query(plan, out)).unwrap();
    assert_eq!(rows.len(), 1 + 1 + 2 + 3 + 4);
    assert_eq!(rows[0], [i(0), NULL]);
}
