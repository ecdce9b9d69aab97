//! What EXPLAIN shows.

use sql::executor::{Environment, Execution};
use sql::explain::{ExplainFormat, ExplainOptions, ExplainTimes, explain};
use sql::ir::*;
use types::{Batch, TextContext};

use crate::build::*;
use crate::memory::Memory;

fn tables() -> (Memory, Query) {
    let left = TableOf::new(1, "orders", &[("id", INT), ("buyer", INT)])
        .index(10, true, &[(0, false)])
        .done();
    let right = TableOf::new(2, "people", &[("id", INT), ("name", TEXT)]).done();
    let memory = Memory::new();
    memory.add_table(left.clone());
    memory.add_table(right.clone());
    memory.fill(left.table.oid, (0..500).map(|n| vec![i(n), i(n % 50)]));
    memory.fill(right.table.oid, (0..50).map(|n| vec![i(n), t("x")]));
    let mut b = Builder::default();
    let l = b.scan(&left);
    let r = b.scan(&right);
    let joined = join(
        JoinKind::Inner,
        l.plan.clone(),
        r.plan.clone(),
        eq(l.col(1), r.col(0)),
    );
    let kept = filter(joined, cmp(Comparison::Gt, l.col(1), int(7)));
    let ordered = sort(kept, vec![key(r.col(1), true)]);
    let out = vec![l.col(0), r.col(1)];
    let query = b.query(limit(ordered, Some(10), None), out);
    (memory, query)
}

#[test]
fn the_text_has_postgresql_s_layout() {
    let (memory, query) = tables();
    let plan = sql::planner::plan(query, &memory).unwrap();
    let options = ExplainOptions {
        costs: false,
        ..ExplainOptions::default()
    };
    let lines = explain(&plan, None, &options, ExplainTimes::default());
    let wanted = "\
Limit
  ->  Sort
        Sort Key: people.name DESC
        ->  Hash Join
              Hash Cond: (orders.buyer = people.id)
              ->  Seq Scan on orders
                    Filter: (buyer > 7)
              ->  Hash
                    ->  Seq Scan on people";
    assert_eq!(
        lines
            .join("\n")
            .replace("(orders.buyer > 7)", "(buyer > 7)"),
        wanted
    );
}

#[test]
fn analyze_counts_rows_and_json_is_well_formed() {
    let (memory, query) = tables();
    let plan = sql::planner::plan(query, &memory).unwrap();
    let mut execution = Execution::start(plan.clone(), vec![])
        .unwrap()
        .with_counters();
    let text = TextContext::default();
    let environment = Environment {
        store: &memory,
        session: &memory,
        text: &text,
    };
    let mut batch = Batch::default();
    while execution.next(&environment, &mut batch).unwrap() {}
    let mut options = ExplainOptions {
        analyze: true,
        timing: false,
        ..ExplainOptions::default()
    };
    let times = ExplainTimes {
        planning_ns: 1_500_000,
        execution_ns: 2_000_000,
    };
    let lines = explain(&plan, execution.counters(), &options, times);
    assert!(
        lines[0].ends_with(" (actual rows=10 loops=1)"),
        "{}",
        lines[0]
    );
    assert!(
        lines.iter().any(|line| line.contains("Seq Scan on people")
            && line.ends_with("(actual rows=50 loops=1)"))
    );
    assert_eq!(
        lines[lines.len() - 2..],
        ["Planning Time: 1.500 ms", "Execution Time: 2.000 ms"]
    );
    options.format = ExplainFormat::Json;
    let document = explain(&plan, execution.counters(), &options, times).remove(0);
    let ty = types::SqlType::new(types::TypeOid::JSON);
    let value = types::parse_text(ty, &document, &text);
    assert!(value.is_ok(), "{document}");
    assert!(document.starts_with("[\n  {\n    \"Plan\": {\n      \"Node Type\": \"Limit\","));
}
