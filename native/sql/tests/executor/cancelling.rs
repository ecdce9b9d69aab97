//! Statements look at the cancel flag often, also where they read no rows: in sorts, in tables that
//! grow, in lists of equal keys. Counted, not timed.

use std::sync::Arc;

use common::sqlstate;
use sql::ir::*;

use crate::build::*;
use crate::memory::Memory;

const ROWS: i32 = 100_000;

/// Two tables; `second` gives the second column of each row by its number.
fn tables(left: i32, right: i32, second: fn(i32) -> i32) -> (Memory, [Arc<TableRules>; 2]) {
    let rules = [(1, "l"), (2, "r")]
        .map(|(oid, name)| TableOf::new(oid, name, &[("a", INT), ("b", INT)]).done());
    let memory = Memory::new();
    for (rules, rows) in rules.iter().zip([left, right]) {
        memory.add_table(rules.clone());
        memory.fill(rules.table.oid, (0..rows).map(|n| vec![i(n), i(second(n))]));
    }
    (memory, rules)
}

/// How often a query polls.
fn polls(memory: &Memory, query: Query) -> usize {
    memory.with(|state| (state.polls, state.cancel_at) = (0, None));
    run(memory, query).unwrap();
    memory.with(|state| state.polls)
}

/// Whenever the answer to a poll is no, there is no further one: the statement ends at once.
fn assert_it_ends_at_any_poll(memory: &Memory, query: &Query, total: usize) {
    for part in 1..=20 {
        let at = (total * part / 20).max(1);
        memory.with(|state| (state.polls, state.cancel_at, state.charged) = (0, Some(at), 0));
        let plan = sql::planner::plan(query.clone(), memory).unwrap();
        let error = error_of(memory, plan);
        assert_eq!(error.state(), sqlstate::QUERY_CANCELED);
        assert_eq!(memory.with(|state| state.polls), at);
    }
    memory.with(|state| state.charged = 0);
}

fn error_of(memory: &Memory, plan: Arc<sql::planner::physical::PhysicalPlan>) -> common::Error {
    let text = types::TextContext::default();
    let environment = sql::executor::Environment {
        store: memory,
        session: memory,
        text: &text,
    };
    let mut execution = sql::executor::Execution::start(plan, Vec::new()).unwrap();
    let mut batch = types::Batch::default();
    loop {
        match execution.next(&environment, &mut batch) {
            Ok(true) => {}
            Ok(false) => panic!("it ended before it was cancelled"),
            Err(error) => return error,
        }
    }
}

fn scan_of(rules: &Arc<TableRules>) -> Query {
    let mut b = Builder::default();
    let s = b.scan(rules);
    let out = vec![s.col(0)];
    b.query(s.plan, out)
}

#[test]
fn a_sort_polls_while_it_reads_nothing() {
    let (memory, [rules, _]) = tables(ROWS, 0, |n| n.wrapping_mul(7919) % 10_007);
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let keys = vec![key(s.col(1), false)];
    let out = vec![s.col(0)];
    let query = b.query(sort(s.plan, keys), out);
    let (reading, total) = (
        polls(&memory, scan_of(&rules)),
        polls(&memory, query.clone()),
    );
    // At least once every 8192 rows of the sort itself.
    assert!(total > reading + ROWS as usize / 8192, "{total} polls");
    assert_it_ends_at_any_poll(&memory, &query, total);
}

#[test]
fn a_table_that_grows_polls() {
    let (memory, [left, right]) = tables(10, ROWS, |n| n);
    let mut b = Builder::default();
    let (l, r) = (b.scan(&left), b.scan(&right));
    let out = vec![l.col(1), r.col(1)];
    let on = eq(l.col(0), r.col(0));
    let query = b.query(join(JoinKind::Full, l.plan, r.plan, on), out);
    let (reading, total) = (
        polls(&memory, scan_of(&right)),
        polls(&memory, query.clone()),
    );
    // The table doubles up to 262,144 places: each is filled and moved, 16,384 between two polls.
    assert!(total > reading + 262_144 / 16_384, "{total} polls");
    assert_it_ends_at_any_poll(&memory, &query, total);
}

#[test]
fn a_long_list_of_equal_keys_polls() {
    let (memory, [left, right]) = tables(300, 40_000, |_| 1);
    let mut b = Builder::default();
    let (l, r) = (b.scan(&left), b.scan(&right));
    let out = vec![l.col(0)];
    let never = cmp(Comparison::Gt, l.col(0), r.col(0));
    let on = Expr::and(vec![
        eq(l.col(1), r.col(1)),
        never,
        cmp(Comparison::Lt, l.col(0), r.col(0)),
    ]);
    let query = b.query(join(JoinKind::Semi, l.plan, r.plan, on), out);
    let total = polls(&memory, query.clone());
    // 12 million pairs, at most 32,768 between two polls.
    assert!(total > 300 * 40_000 / 32_768, "{total} polls");
    assert_it_ends_at_any_poll(&memory, &query, total);
}
