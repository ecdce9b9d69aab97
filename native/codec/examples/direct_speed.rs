//! What a statement costs without JavaScript: point gets and inserts through a direct connection.
//!
//!     cargo run --release -p rustydb-codec --example direct_speed -- [get|insert] [OPERATIONS] [FOLDER]
//!
//! Prints nanoseconds an operation. Under `valgrind --tool=callgrind` it says where they go.

use std::sync::Arc;

use codec::direct::{Connection, Layout, Parameters, Request, Values};
use codec::{Machine, Step};
use common::rt::monotonic_ns;
use engine::{ConnectOptions, Engine, EngineOptions, Mode, SyncMode};

const ROWS: u64 = 20_000;
const GET: &str = "SELECT id, name, price, stock FROM items WHERE id = $1";
const INSERT: &str = "INSERT INTO items VALUES ($1, $2, $3, $4)";

fn run(engine: &Engine, connection: &mut Connection, sql: &Arc<str>, parameters: String) {
    let request = Request {
        sql: sql.clone(),
        parameters: Parameters::Json(parameters),
        layout: Layout::Rows,
        values: Values::Exact,
        ..Request::default()
    };
    connection.begin(request).expect("the connection is idle");
    let mut mode = Mode::Inline;
    loop {
        match connection.step(mode) {
            Step::Done => break,
            Step::Aside => mode = Mode::Aside,
            Step::Commit(ticket) => connection.published(engine.wait(ticket)),
            other => panic!("the statement came to {other:?}"),
        }
    }
    let outcome = connection.take_outcome();
    assert!(outcome.error.is_none(), "{:?}", outcome.error);
    connection.output().clear();
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_else(|| "get".into());
    let count: u64 = arguments
        .next()
        .map_or(100_000, |n| n.parse().expect("a number of operations"));
    let engine = Engine::open(EngineOptions {
        path: arguments.next().unwrap_or_else(|| ":memory:".into()),
        sync: SyncMode::Normal,
        ..EngineOptions::default()
    })
    .expect("the folder can be opened");
    let options = ConnectOptions {
        user: "rustydb".into(),
        database: "rustydb".into(),
        ..ConnectOptions::default()
    };
    let session = engine.connect(options).expect("there is room");
    let mut connection = Connection::new(session);
    let mut run =
        |sql: &Arc<str>, parameters: String| run(&engine, &mut connection, sql, parameters);
    run(
        &"CREATE TABLE items (id integer PRIMARY KEY, name text, price float8, stock integer)"
            .into(),
        String::new(),
    );
    let fill = "INSERT INTO items SELECT n, 'item ' || n, n / 7.0, n % 100 \
                FROM generate_series(1, $1::int) AS g(n)";
    run(&fill.into(), format!("[{ROWS}]"));
    let (get, insert) = (Arc::from(GET), Arc::from(INSERT));
    for turn in 0..2 {
        let start = monotonic_ns();
        for at in 0..count {
            let key = ROWS + turn * count + at + 1;
            match what.as_str() {
                "insert" => run(&insert, format!("[{key},\"item {key}\",{}.5,7]", key / 7)),
                _ => run(&get, format!("[{}]", at * 7919 % ROWS + 1)),
            }
        }
        let took = monotonic_ns() - start;
        println!("{what}: {} ns", took / count);
    }
}
