//! INSERT, UPDATE, DELETE, ON CONFLICT, RETURNING, locks, and rows that change meanwhile.

use std::sync::Arc;

use common::ObjectId;
use sql::access::{LockStrength, WaitPolicy};
use sql::ir::*;
use types::Datum;

use crate::build::*;
use crate::memory::Memory;
use crate::numbers::*;

fn account() -> (Memory, Arc<TableRules>) {
    let positive = Expr::compare(Comparison::Ge, Expr::column(ColumnId(1), INT), int(0));
    let rules = TableOf::new(1, "account", &[("id", INT), ("sum", INT), ("note", TEXT)])
        .index(10, true, &[(0, false)])
        .not_null(&[0])
        .check("account_sum_check", positive)
        .done();
    let memory = Memory::new();
    memory.add_table(rules.clone());
    memory.fill(
        rules.table.oid,
        (1..=3).map(|n| vec![i(n), i(n * 100), NULL]),
    );
    (memory, rules)
}

fn insert(
    rules: &Arc<TableRules>,
    rows: &[(Option<i32>, i32)],
    conflict: impl FnOnce(&mut Builder, &[ColumnId]) -> Option<OnConflict>,
) -> Query {
    let mut b = Builder::default();
    let (id, sum) = (b.id(INT), b.id(INT));
    let row: Vec<ColumnId> = [INT, INT, TEXT].into_iter().map(|ty| b.id(ty)).collect();
    let on_conflict = conflict(&mut b, &row);
    let values = |(id, sum): &(Option<i32>, i32)| vec![id.map_or(Expr::null(INT), int), int(*sum)];
    let assign = |position, value| Assignment { position, value };
    let back = b.id(INT);
    let plan = Plan::Insert(Box::new(Insert {
        rules: rules.clone(),
        source: Plan::Values(Values {
            rows: rows.iter().map(values).collect(),
            columns: vec![id, sum],
        }),
        values: vec![
            assign(0, Expr::column(id, INT)),
            assign(1, Expr::column(sum, INT)),
            assign(2, text("new")),
        ],
        on_conflict,
        returning: vec![(back, call(&ADD, Expr::column(row[1], INT), int(1)))],
        row,
    }));
    b.finish(plan, vec![(back, INT)])
}

fn plain(_: &mut Builder, _: &[ColumnId]) -> Option<OnConflict> {
    None
}

fn do_nothing(_: &mut Builder, _: &[ColumnId]) -> Option<OnConflict> {
    Some(OnConflict {
        arbiters: vec![],
        action: ConflictAction::Nothing,
    })
}

/// `DO UPDATE SET sum = account.sum + excluded.sum WHERE account.id <> 3`.
fn do_update(b: &mut Builder, _: &[ColumnId]) -> Option<OnConflict> {
    let mut ids = || {
        [INT, INT, TEXT]
            .into_iter()
            .map(|ty| b.id(ty))
            .collect::<Vec<_>>()
    };
    let (existing, excluded) = (ids(), ids());
    let sum = call(
        &ADD,
        Expr::column(existing[1], INT),
        Expr::column(excluded[1], INT),
    );
    let condition = cmp(Comparison::Ne, Expr::column(existing[0], INT), int(3));
    Some(OnConflict {
        arbiters: vec![ObjectId(10)],
        action: ConflictAction::Update(Box::new(ConflictUpdate {
            existing,
            excluded,
            assignments: vec![Assignment {
                position: 1,
                value: sum,
            }],
            condition: Some(condition),
        })),
    })
}

#[test]
fn an_insert_stores_defaults_and_returns() {
    let (memory, rules) = account();
    let query = insert(&rules, &[(Some(4), 5), (Some(5), 6)], plain);
    let (rows, affected) = run_with(&memory, query, vec![]).unwrap();
    assert_eq!((rows, affected), (vec![vec![i(6)], vec![i(7)]], 2));
    assert_eq!(memory.rows(rules.table.oid)[4], [i(5), i(6), t("new")]);
}

#[test]
fn constraints_are_checked() {
    let (memory, rules) = account();
    let error = run(&memory, insert(&rules, &[(None, 5)], plain)).unwrap_err();
    let sql = error.into_sql();
    assert_eq!(
        sql.message,
        "null value in column \"id\" of relation \"account\" violates not-null constraint"
    );
    assert_eq!(
        sql.detail.as_deref(),
        Some("Failing row contains (null, 5, new).")
    );
    assert_eq!(sql.column.as_deref(), Some("id"));
    let error = run(&memory, insert(&rules, &[(Some(9), -5)], plain)).unwrap_err();
    let sql = error.into_sql();
    assert_eq!(
        sql.message,
        "new row for relation \"account\" violates check constraint \"account_sum_check\""
    );
    assert_eq!(sql.constraint.as_deref(), Some("account_sum_check"));
    let error = run(&memory, insert(&rules, &[(Some(1), 5)], plain)).unwrap_err();
    assert_eq!(error.state(), common::sqlstate::UNIQUE_VIOLATION);
}

#[test]
fn on_conflict_does_nothing_or_updates() {
    let (memory, rules) = account();
    let query = insert(&rules, &[(Some(1), 5), (Some(7), 8)], do_nothing);
    let (rows, affected) = run_with(&memory, query, vec![]).unwrap();
    assert_eq!((rows, affected), (vec![vec![i(9)]], 1));
    let query = insert(
        &rules,
        &[(Some(1), 5), (Some(3), 5), (Some(8), 1)],
        do_update,
    );
    let (rows, affected) = run_with(&memory, query, vec![]).unwrap();
    assert_eq!((rows, affected), (vec![vec![i(106)], vec![i(2)]], 2));
    assert_eq!(memory.rows(rules.table.oid)[0], [i(1), i(105), NULL]);
    assert_eq!(memory.rows(rules.table.oid)[2][1], i(300));
    let query = insert(&rules, &[(Some(20), 5), (Some(20), 5)], do_update);
    let error = run(&memory, query).unwrap_err();
    assert_eq!(error.state(), common::sqlstate::CARDINALITY_VIOLATION);
}

/// `UPDATE account SET sum = sum + 1 WHERE condition RETURNING sum, old sum`.
fn update(rules: &Arc<TableRules>, condition: impl FnOnce(&Scanned) -> Expr) -> Query {
    let mut b = Builder::default();
    let s = b.scan(rules);
    let new: Vec<ColumnId> = [INT, INT, TEXT].into_iter().map(|ty| b.id(ty)).collect();
    let back = b.id(INT);
    let plan = Plan::Update(Box::new(Update {
        rules: rules.clone(),
        source: filter(s.plan.clone(), condition(&s)),
        row_id: s.row_id,
        old: s.ids.iter().copied().map(Some).collect(),
        assignments: vec![Assignment {
            position: 1,
            value: call(&ADD, s.col(1), int(1)),
        }],
        returning: vec![(back, Expr::column(new[1], INT))],
        new,
    }));
    b.finish(plan, vec![(back, INT)])
}

#[test]
fn an_update_sees_old_values_and_returns_new_ones() {
    let (memory, rules) = account();
    let query = update(&rules, |s| cmp(Comparison::Gt, s.col(1), int(100)));
    let (rows, affected) = run_with(&memory, query, vec![]).unwrap();
    assert_eq!((rows, affected), (vec![vec![i(201)], vec![i(301)]], 2));
    assert_eq!(memory.rows(rules.table.oid)[0][1], i(100));
}

#[test]
fn a_row_that_changed_meanwhile_is_judged_anew() {
    let (memory, rules) = account();
    let ids = memory.row_ids(rules.table.oid);
    memory.with(|state| {
        let table = rules.table.oid;
        // Still qualifies, with another sum; no longer qualifies; gone.
        state
            .concurrent
            .insert((table, ids[0]), Some(vec![i(1), i(150), NULL]));
        state
            .concurrent
            .insert((table, ids[1]), Some(vec![i(2), i(5000), NULL]));
        state.concurrent.insert((table, ids[2]), None);
    });
    let query = update(&rules, |s| cmp(Comparison::Lt, s.col(1), int(1000)));
    let (rows, affected) = run_with(&memory, query, vec![]).unwrap();
    assert_eq!((rows, affected), (vec![vec![i(151)]], 1));
    let stored = memory.rows(rules.table.oid);
    assert_eq!(stored.len(), 2);
    assert_eq!(stored[1][1], i(5000));
}

#[test]
fn an_update_of_a_join_keeps_the_other_table_s_row() {
    let (memory, rules) = account();
    let rates = TableOf::new(2, "rate", &[("id", INT), ("by", INT)]).done();
    memory.add_table(rates.clone());
    memory.fill(
        rates.table.oid,
        [vec![i(1), i(7)], vec![i(1), i(9)], vec![i(2), i(1)]],
    );
    let ids = memory.row_ids(rules.table.oid);
    memory.with(|state| {
        state
            .concurrent
            .insert((rules.table.oid, ids[0]), Some(vec![i(1), i(1000), NULL]));
    });
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let r = b.scan(&rates);
    let new: Vec<ColumnId> = [INT, INT, TEXT].into_iter().map(|ty| b.id(ty)).collect();
    let back = b.id(INT);
    let source = join(
        JoinKind::Inner,
        s.plan.clone(),
        r.plan.clone(),
        eq(s.col(0), r.col(0)),
    );
    let plan = Plan::Update(Box::new(Update {
        rules: rules.clone(),
        source,
        row_id: s.row_id,
        old: s.ids.iter().copied().map(Some).collect(),
        assignments: vec![Assignment {
            position: 1,
            value: call(&ADD, s.col(1), r.col(1)),
        }],
        returning: vec![(back, r.col(1))],
        new,
    }));
    let (rows, affected) = run_with(&memory, b.finish(plan, vec![(back, INT)]), vec![]).unwrap();
    // Row 1 meets two rates: the first that comes wins.
    assert_eq!((rows.len(), affected), (2, 2));
    let rate = rows
        .iter()
        .map(|row| row[0].as_ref().as_i64().unwrap())
        .max()
        .unwrap();
    assert_eq!(memory.rows(rules.table.oid)[0][1], i(1000 + rate as i32));
}

#[test]
fn a_delete_returns_what_was_there() {
    let (memory, rules) = account();
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let back = b.id(INT);
    let plan = Plan::Delete(Box::new(Delete {
        rules: rules.clone(),
        source: filter(s.plan.clone(), eq(s.col(0), int(2))),
        row_id: s.row_id,
        old: s.ids.iter().copied().map(Some).collect(),
        returning: vec![(back, s.col(1))],
    }));
    let (rows, affected) = run_with(&memory, b.finish(plan, vec![(back, INT)]), vec![]).unwrap();
    assert_eq!((rows, affected), (vec![vec![i(200)]], 1));
    assert_eq!(memory.rows(rules.table.oid).len(), 2);
}

#[test]
fn locked_rows_are_judged_anew_and_no_more_than_the_limit() {
    let (memory, rules) = account();
    let ids = memory.row_ids(rules.table.oid);
    memory.with(|state| {
        state
            .concurrent
            .insert((rules.table.oid, ids[0]), Some(vec![i(1), i(5000), NULL]));
    });
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let out = vec![s.col(0)];
    let lock = Plan::LockRows(Box::new(LockRows {
        input: filter(s.plan.clone(), cmp(Comparison::Lt, s.col(1), int(1000))),
        targets: vec![LockTarget {
            table: rules.table.oid,
            row_id: s.row_id,
            strength: LockStrength::Update,
            wait: WaitPolicy::Wait,
        }],
    }));
    let rows = run(&memory, b.query(limit(lock, Some(1), None), out)).unwrap();
    assert_eq!(rows, [[i(2)]]);
    let locked = memory.with(|state| state.locked.clone());
    assert_eq!(
        locked,
        [(rules.table.oid, ids[0]), (rules.table.oid, ids[1])]
    );
}

#[test]
fn a_cte_that_writes_runs_to_its_end_without_a_reader() {
    let (memory, rules) = account();
    let mut query = insert(&rules, &[(Some(4), 5), (Some(5), 6)], plain);
    let back = query.output[0].id;
    let one = query.columns.add_computed("one", INT);
    let def = CteDef {
        id: CteId(0),
        name: "w".into(),
        plan: std::mem::replace(&mut query.root, Plan::OneRow),
        columns: vec![back],
        materialized: None,
    };
    let body = Plan::Project(Box::new(Project {
        input: Plan::OneRow,
        columns: vec![(one, int(1))],
        set_returning: vec![],
    }));
    query.root = Plan::With(Box::new(With {
        ctes: vec![def],
        body,
    }));
    query.output[0].id = one;
    assert_eq!(run(&memory, query).unwrap(), [[i(1)]]);
    assert_eq!(memory.rows(rules.table.oid).len(), 5);
}

#[test]
fn a_generated_column_follows_its_base() {
    let mut table = TableOf::new(1, "g", &[("a", INT), ("b", INT)]);
    let base = Expr::column(ColumnId(0), INT);
    table.rules.generated.push((1, call(&ADD, base, int(10))));
    let rules = table.done();
    let memory = Memory::new();
    memory.add_table(rules.clone());
    memory.fill(rules.table.oid, [vec![i(1), i(11)]]);
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let new: Vec<ColumnId> = [INT, INT].into_iter().map(|ty| b.id(ty)).collect();
    let back = b.id(INT);
    let plan = Plan::Update(Box::new(Update {
        rules: rules.clone(),
        source: s.plan.clone(),
        row_id: s.row_id,
        old: s.ids.iter().copied().map(Some).collect(),
        assignments: vec![Assignment {
            position: 0,
            value: int(5),
        }],
        returning: vec![(back, Expr::column(new[1], INT))],
        new,
    }));
    let rows = run(&memory, b.finish(plan, vec![(back, INT)])).unwrap();
    assert_eq!(rows, [[Datum::I32(15)]]);
    assert_eq!(memory.rows(rules.table.oid), [[i(5), i(15)]]);
}
