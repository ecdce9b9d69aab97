//! What COPY costs without sockets and JavaScript: lines of a CSV file of TPC-H's lineitem into a
//! table with its primary key.
//!
//!     cargo run --release -p rustydb-engine --example copy_speed -- LINEITEM_CSV [FOLDER] [TURNS]
//!
//! Prints nanoseconds a row. Under `valgrind --tool=callgrind` it says where they go.

use std::ops::Range;

use common::Result;
use common::rt::monotonic_ns;
use engine::{
    ConnectOptions, CopyShape, Engine, EngineOptions, Mode, OutputColumn, Progress, ResultSink,
    Session,
};
use types::Batch;

/// As large as a CopyData message of a client that reads its file by 64 KiB.
const PIECE_BYTES: usize = 64 << 10;
/// Pieces between two runs, about what a server takes from a socket at once.
const PIECES: usize = 4;

const TABLE: &str = "create table lineitem (
  l_orderkey int not null, l_partkey int not null, l_suppkey int not null,
  l_linenumber int not null, l_quantity decimal(15,2) not null,
  l_extendedprice decimal(15,2) not null, l_discount decimal(15,2) not null,
  l_tax decimal(15,2) not null, l_returnflag char(1) not null, l_linestatus char(1) not null,
  l_shipdate date not null, l_commitdate date not null, l_receiptdate date not null,
  l_shipinstruct char(25) not null, l_shipmode char(10) not null, l_comment varchar(44) not null,
  primary key (l_orderkey, l_linenumber))";

/// Counts nothing, shows nothing.
struct Silent;

impl ResultSink for Silent {
    fn columns(&mut self, _columns: &[OutputColumn]) {}

    fn rows(&mut self, _: &[OutputColumn], _: &Batch, _: Range<usize>) -> Result<()> {
        Ok(())
    }

    fn is_full(&self) -> bool {
        false
    }

    fn complete(&mut self, _tag: &str) {}

    fn empty(&mut self) {}

    fn suspended(&mut self) {}

    fn copy_in(&mut self, _shape: CopyShape) {}

    fn copy_out(&mut self, _shape: CopyShape) {}

    fn copy_data(&mut self, _row: &[u8]) {}

    fn copy_done(&mut self) {}
}

/// Runs a text to its end; `data` goes into its COPY.
fn run(engine: &Engine, session: &mut Session, sql: &str, data: &[u8]) {
    let mut work = session.begin_simple(sql);
    let mut pieces = data.chunks(PIECE_BYTES);
    loop {
        let progress = session.run(&mut work, &mut Silent, Mode::Aside);
        match progress.expect("the statement succeeds") {
            Progress::Done => return,
            Progress::Commit(ticket) => engine.wait(ticket).expect("the commit is durable"),
            Progress::CopyIn => {
                for _ in 0..PIECES {
                    match pieces.next() {
                        Some(piece) => work.copy_data(piece),
                        None => work.copy_done(),
                    }
                }
            }
            Progress::Full | Progress::More | Progress::Aside => {}
        }
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().expect("a CSV file of lineitem");
    let data = std::fs::read(file).expect("the file can be read");
    let rows = memchr::memchr_iter(b'\n', &data).count() as u64;
    let path = arguments.next().unwrap_or_else(|| ":memory:".into());
    let turns = arguments
        .next()
        .map_or(1, |n| n.parse().expect("a number of turns"));
    let engine = Engine::open(EngineOptions {
        path,
        buffer_pool_bytes: 1 << 30,
        ..EngineOptions::default()
    })
    .expect("the folder can be opened");
    let options = ConnectOptions {
        user: "rustydb".into(),
        database: "rustydb".into(),
        ..ConnectOptions::default()
    };
    let mut session = engine.connect(options).expect("there is room");
    for _ in 0..turns {
        run(&engine, &mut session, TABLE, &[]);
        let start = monotonic_ns();
        let sql = "COPY lineitem FROM STDIN (FORMAT csv, HEADER)";
        run(&engine, &mut session, sql, &data);
        let took = monotonic_ns() - start;
        println!("{rows} rows, {} ns a row", took / rows);
        run(&engine, &mut session, "DROP TABLE lineitem", &[]);
    }
}
