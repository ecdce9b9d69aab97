//! Times parsing and lowering of a point query; run with `--release`.

use std::hint::black_box;
use std::time::Instant;

const ROUNDS: u32 = 200_000;

fn main() {
    for sql in [
        "SELECT abalance FROM pgbench_accounts WHERE aid = $1",
        "UPDATE pgbench_accounts SET abalance = abalance + $1 WHERE aid = $2",
        "BEGIN",
    ] {
        let best = (0..5)
            .map(|_| nanoseconds_each(sql))
            .min()
            .unwrap_or_default();
        println!("{best:6} ns  {sql}");
    }
}

fn nanoseconds_each(sql: &str) -> u128 {
    let start = Instant::now();
    for _ in 0..ROUNDS {
        black_box(parser::parse(black_box(sql)).expect("parses"));
    }
    start.elapsed().as_nanos() / u128::from(ROUNDS)
}
