//! The short way gives what the general executor gives.

use std::sync::Arc;

use sql::executor::direct::{DirectExecution, DirectOutcome};
use sql::executor::{Environment, Execution};
use sql::ir::*;
use sql::planner::physical::PhysicalPlan;
use types::{Batch, Datum, TextContext};

use crate::build::*;
use crate::memory::Memory;
use crate::numbers::*;

fn account() -> (Memory, Arc<TableRules>) {
    let rules = TableOf::new(1, "account", &[("id", INT), ("sum", INT), ("note", TEXT)])
        .index(10, true, &[(0, false)])
        .done();
    let memory = Memory::new();
    memory.add_table(rules.clone());
    memory.fill(
        rules.table.oid,
        (1..=2000).map(|n| vec![i(n), i(n * 10), t("x")]),
    );
    (memory, rules)
}

fn param(index: u16) -> Expr {
    Expr::Param { index, ty: INT }
}

fn prepare(memory: &Memory, mut query: Query, params: usize) -> Arc<PhysicalPlan> {
    query.params = vec![INT; params];
    sql::planner::plan(query, memory).unwrap()
}

fn rows_of(batch: &Batch) -> Vec<Vec<Datum>> {
    let row = |row| {
        (0..batch.columns.len())
            .map(|c| batch.get(c, row).to_owned())
            .collect()
    };
    (0..batch.len).map(row).collect()
}

fn general(memory: &Memory, plan: &Arc<PhysicalPlan>, params: &[Datum]) -> (Vec<Vec<Datum>>, u64) {
    memory.next_statement();
    let mut execution = Execution::start(plan.clone(), params.to_vec()).unwrap();
    let text = TextContext::default();
    let environment = Environment {
        store: memory,
        session: memory,
        text: &text,
    };
    let (mut rows, mut batch) = (Vec::new(), Batch::default());
    while execution.next(&environment, &mut batch).unwrap() {
        rows.extend(rows_of(&batch));
    }
    (rows, execution.affected())
}

fn direct(
    memory: &Memory,
    execution: &mut DirectExecution,
    params: &[Datum],
) -> (Vec<Vec<Datum>>, DirectOutcome) {
    memory.next_statement();
    let text = TextContext::default();
    let environment = Environment {
        store: memory,
        session: memory,
        text: &text,
    };
    let mut rows = Vec::new();
    let mut outcome = execution.start(&environment, params).unwrap();
    while outcome == DirectOutcome::Rows {
        rows.extend(rows_of(execution.rows()));
        outcome = execution.next_rows().unwrap();
    }
    (rows, outcome)
}

#[test]
fn point_and_range_selects() {
    let (memory, rules) = account();
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let (condition, out) = (eq(s.col(0), param(0)), vec![s.col(2), s.col(1)]);
    let point = prepare(&memory, b.query(filter(s.plan, condition), out), 1);
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let condition = Expr::and([
        cmp(Comparison::Gt, s.col(0), param(0)),
        cmp(Comparison::Le, s.col(0), param(1)),
    ]);
    let out = vec![s.col(1), s.col(0)];
    let range = prepare(&memory, b.query(filter(s.plan, condition), out), 2);
    for (plan, params) in [
        (&point, vec![i(5)]),
        (&point, vec![i(99999)]),
        (&point, vec![NULL]),
        (&range, vec![i(5), i(9)]),
        (&range, vec![i(0), i(1500)]),
        (&range, vec![NULL, i(9)]),
    ] {
        let mut execution = DirectExecution::new(plan).expect("a direct form");
        for _ in 0..2 {
            let (rows, _) = direct(&memory, &mut execution, &params);
            assert_eq!(rows, general(&memory, plan, &params).0);
        }
    }
}

#[test]
fn a_point_update_and_one_that_meets_another_transaction() {
    let (memory, rules) = account();
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let new: Vec<ColumnId> = [INT, INT, TEXT].into_iter().map(|ty| b.id(ty)).collect();
    let plan = Plan::Update(Box::new(Update {
        rules: rules.clone(),
        source: filter(s.plan.clone(), eq(s.col(0), param(1))),
        row_id: s.row_id,
        old: s.ids.iter().copied().map(Some).collect(),
        assignments: vec![Assignment {
            position: 1,
            value: call(&ADD, s.col(1), param(0)),
        }],
        new,
        returning: vec![],
    }));
    let plan = prepare(&memory, b.finish(plan, vec![]), 2);
    let mut execution = DirectExecution::new(&plan).expect("a direct form");
    let params = [i(7), i(3)];
    assert_eq!(
        direct(&memory, &mut execution, &params).1,
        DirectOutcome::Done(1)
    );
    assert_eq!(general(&memory, &plan, &params).1, 1);
    assert_eq!(memory.rows(rules.table.oid)[2][1], i(44));
    assert_eq!(
        direct(&memory, &mut execution, &[i(1), i(-1)]).1,
        DirectOutcome::Done(0)
    );
    let row = memory.row_ids(rules.table.oid)[2];
    memory.with(|state| {
        state
            .concurrent
            .insert((rules.table.oid, row), Some(vec![i(3), i(1000), t("y")]));
    });
    assert_eq!(
        direct(&memory, &mut execution, &params).1,
        DirectOutcome::General
    );
    assert_eq!(general(&memory, &plan, &params).1, 1);
    assert_eq!(memory.rows(rules.table.oid)[2][1], i(1007));
}
