//! Cancel requests: which statement they end, and that a session goes on after them.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::sqlstate;
use support::{Client, open};

#[test]
fn a_request_that_comes_while_nothing_runs_is_forgotten() {
    let engine = open();
    let mut client = Client::connect(&engine);
    client.run("SELECT 1").expect("it runs");
    client.handle().cancel();
    client
        .run("SELECT 1")
        .expect("the request was for the one before");
}

#[test]
fn what_a_cancelled_statement_held_is_given_back() {
    let engine = open();
    let mut client = Client::connect(&engine);
    client
        .run("CREATE TABLE t AS SELECT i, md5(i::text) AS m FROM generate_series(1, 50000) i")
        .expect("it runs");
    let (handle, stopped) = (client.handle(), Arc::new(AtomicBool::new(false)));
    let is_stopped = stopped.clone();
    // One that comes between two statements is forgotten; the next one reaches the next.
    let canceller = std::thread::spawn(move || {
        while !is_stopped.load(Ordering::Relaxed) {
            handle.cancel();
            std::thread::yield_now();
        }
    });
    let error = loop {
        let sorted = client.run("SELECT * FROM t a, t b WHERE a.i = b.i ORDER BY a.m || b.m");
        if let Err(error) = sorted {
            break error;
        }
    };
    stopped.store(true, Ordering::Relaxed);
    canceller.join().expect("it does not panic");
    assert_eq!(error.state(), sqlstate::QUERY_CANCELED);
    // The table can be locked by whoever comes, and be gone.
    Client::connect(&engine)
        .run("DROP TABLE t")
        .expect("nobody holds a lock");
    client.run("SELECT 1").expect("the session goes on");
}
