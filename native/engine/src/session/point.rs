//! Reads of one row by its whole key that are a transaction by themselves.
//!
//! Of what a statement sets up (a transaction with its locks, a store, what functions may ask of the
//! session) such a read needs a snapshot and that the table stays. What it knows from the last time
//! is kept with the statement: the plan, the open table and index, the buffers. It runs the plan's
//! short way, as every other statement with one does; only what surrounds that is less.
//!
//! Invariants: the session is in no transaction, before and after. The plan is found to hold while
//! the table is locked, so a definition that changes meanwhile is seen before or after the read, not
//! in it. Whatever is in the way (a lock, a page that is not in memory, a plan that is new) is dealt
//! with by the ordinary way; nothing has happened then.

use std::sync::Arc;

use common::{Error, ObjectId, Result};
use sql::executor::direct::{DirectExecution, DirectOutcome};
use storage::Wait;
use txn::{Isolation, View};
use types::Datum;

use super::prepared::{KeptDirect, OpenPoint, Planned, Prepared};
use super::result_sink::ResultSink;
use super::session::Session;
use super::session_handle::ActivityState;
use crate::store::KeyReader;

impl Session {
    /// Runs the statement to its end, if it is such a read; false, and nothing has happened, if not.
    /// `shown` is what `pg_stat_activity` shows of it, where that is not its own text.
    pub(super) fn run_point(
        &mut self,
        prepared: &Prepared,
        shown: Option<&Arc<str>>,
        params: &[Datum],
        sink: &mut dyn ResultSink,
    ) -> Result<bool> {
        if !self.block.is_idle() || sink.is_full() {
            return Ok(false);
        }
        self.hot.refresh(&self.settings.lock());
        if self.hot.options.isolation != Isolation::ReadCommitted {
            return Ok(false);
        }
        let planned = prepared.planned.lock();
        let Some(planned) = planned.as_ref().filter(|planned| self.is_fresh(planned)) else {
            return Ok(false);
        };
        let mut kept = prepared.direct.lock();
        let Some(kept) = self.kept_point(&mut kept, planned)? else {
            return Ok(false);
        };
        let outcome = match self.look_up(planned, kept, params) {
            Ok(Some(outcome)) => outcome,
            Ok(None) | Err(Error::WouldBlock) => return Ok(false),
            Err(error) => return Err(error),
        };
        let outcome_rows = u64::from(outcome == DirectOutcome::Rows);
        send(planned, &kept.direct, outcome, sink)?;
        self.engine.txns().count_read();
        prepared.count_run();
        let query_id = self.count_point(prepared, outcome_rows);
        if let Some(source) = &prepared.source {
            self.show_point(shown.unwrap_or(&source.text), query_id);
        }
        Ok(true)
    }

    /// As [`Session::is_untouched`], where the session has no catalog of its own and its hot settings
    /// are those of now.
    fn is_fresh(&self, planned: &Planned) -> bool {
        planned.settings_version == self.hot.version()
            && planned.catalog_version() == self.engine.catalog_cell().version()
    }

    /// What is kept of the statement, with its table and index open. None where it is no read of
    /// one row.
    fn kept_point<'k>(
        &self,
        kept: &'k mut Option<KeptDirect>,
        planned: &Planned,
    ) -> Result<Option<&'k mut KeptDirect>> {
        let Some((table, version)) = only_relation(planned) else {
            return Ok(None);
        };
        let is_of_plan = |kept: &KeptDirect| Arc::ptr_eq(&kept.of, &planned.plan);
        if !kept.as_ref().is_some_and(is_of_plan) {
            *kept = KeptDirect::new(&planned.plan);
        }
        let Some(kept) = kept else {
            return Ok(None);
        };
        let is_open = |open: &OpenPoint| open.relation.version == version;
        if !kept.open.as_ref().is_some_and(is_open) {
            kept.open = match kept.direct.point() {
                Some((of, index)) if of == table => self.open_point(table, version, index)?,
                _ => None,
            };
        }
        Ok(kept.open.is_some().then_some(kept))
    }

    /// None where another version of the table is the newest: the next look at the catalog makes
    /// another plan for it.
    fn open_point(
        &self,
        table: ObjectId,
        version: u64,
        index: ObjectId,
    ) -> Result<Option<OpenPoint>> {
        let catalog = self.engine.catalog();
        let relation = self.engine.relations().relation(&catalog, table, false)?;
        if relation.version != version {
            return Ok(None);
        }
        let index = relation.index(index)?.clone();
        Ok(Some(OpenPoint {
            relation,
            index,
            key: Vec::new(),
        }))
    }

    /// Reads under a lock of the table; None where that is not to be had or the plan holds no more.
    fn look_up(
        &self,
        planned: &Planned,
        kept: &mut KeptDirect,
        params: &[Datum],
    ) -> Result<Option<DirectOutcome>> {
        let KeptDirect { direct, open, .. } = kept;
        let Some(OpenPoint {
            relation,
            index,
            key: bytes,
        }) = open
        else {
            return Ok(None);
        };
        let engine = &self.engine;
        let (txns, backend) = (engine.txns(), &self.handle.backend);
        let read = || {
            if engine.catalog_cell().version() != planned.catalog_version() {
                return Ok(None);
            }
            let reader = KeyReader {
                relation,
                open: index,
                view: &View::of_reader(txns.snapshot()),
                wait: Wait::NoWait,
                backend,
            };
            let outcome = direct.look_up(params, |key, columns, out| {
                reader.lookup(key, columns, bytes, out)
            });
            outcome.map(Some)
        };
        let done = txns.locks().with_table(backend, relation.info.oid, read);
        done.unwrap_or(Ok(None))
    }

    /// What `pg_stat_activity` shows after a read that was over before anybody could look.
    fn show_point(&self, shown: &Arc<str>, query_id: Option<i64>) {
        let now = self.block.statement_micros;
        self.handle.change(|activity| {
            activity.state = ActivityState::Idle;
            activity.query_start_micros = Some(now);
            activity.state_change_micros = now;
            activity.transaction_start_micros = None;
            activity.query_id = query_id;
            let is_shown = activity.query.as_ref();
            if !is_shown.is_some_and(|query| Arc::ptr_eq(query, shown)) {
                activity.query = Some(shown.clone());
            }
        });
        self.handle.backend.clear_interrupt();
    }
}

/// The one relation that a plan reads, writing nothing, with the version that it was planned for.
fn only_relation(planned: &Planned) -> Option<(ObjectId, u64)> {
    match (&planned.plan.direct, planned.relations.as_slice()) {
        (Some(_), [(oid, _, version)]) if !planned.plan.writes => Some((*oid, *version)),
        _ => None,
    }
}

fn send(
    planned: &Planned,
    direct: &DirectExecution,
    outcome: DirectOutcome,
    sink: &mut dyn ResultSink,
) -> Result<()> {
    sink.columns(&planned.output);
    if outcome != DirectOutcome::Rows {
        sink.complete("SELECT 0");
        return Ok(());
    }
    sink.rows(&planned.output, direct.rows(), 0..1)?;
    sink.complete("SELECT 1");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use types::Datum;

    use super::super::{Mode, TestClient};
    use crate::{Engine, EngineOptions};

    const READ: &str = "SELECT v FROM t WHERE k = 1";

    fn engine() -> Arc<Engine> {
        let engine = Engine::open(EngineOptions::default()).expect("opens in memory");
        let mut client = TestClient::connect(&engine);
        client
            .run("CREATE TABLE t (k int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'one')")
            .expect("is made");
        engine
    }

    /// A client that has read so often that the statement is kept.
    fn reader(engine: &Arc<Engine>) -> TestClient {
        let mut client = TestClient::connect(engine);
        read_often(&mut client);
        client
    }

    fn read_often(client: &mut TestClient) {
        for _ in 0..3 {
            assert_eq!(client.column(READ).expect("is read"), ["one"]);
        }
        assert_eq!(points(client), 1);
    }

    /// Statements whose table the session has open.
    fn points(client: &TestClient) -> usize {
        let ready = client.session.cache.ready();
        let is_open = |prepared: &&Arc<super::Prepared>| {
            let kept = prepared.direct.lock();
            kept.as_ref().is_some_and(|kept| kept.open.is_some())
        };
        ready.filter(is_open).count()
    }

    #[test]
    fn it_is_a_transaction_with_a_snapshot_of_its_own() {
        let engine = engine();
        let mut client = reader(&engine);
        let mut other = TestClient::connect(&engine);
        let before = engine.txns().statistics();
        other
            .run("UPDATE t SET v = 'two' WHERE k = 1")
            .expect("is changed");
        assert_eq!(client.column(READ).expect("is read"), ["two"]);
        other.run("BEGIN; UPDATE t SET v = 'three'").expect("runs");
        assert_eq!(client.column(READ).expect("is read"), ["two"]);
        other
            .run("COMMIT; DELETE FROM t WHERE k = 1")
            .expect("runs");
        assert_eq!(client.run(READ).expect("is read"), 0);
        let after = engine.txns().statistics();
        assert_eq!(after.begun - before.begun, 6);
        assert_eq!(after.committed - before.committed, 6);
    }

    #[test]
    fn inside_a_block_it_is_of_the_block() {
        let mut client = reader(&engine());
        client
            .run("BEGIN; UPDATE t SET v = 'own' WHERE k = 1")
            .expect("runs");
        assert_eq!(client.column(READ).expect("is read"), ["own"]);
        client.run("ROLLBACK").expect("runs");
        assert_eq!(client.column(READ).expect("is read"), ["one"]);
        client.run("BEGIN; SELECT 1 / 0").expect_err("by zero");
        let error = client.run(READ).expect_err("the block has failed");
        assert_eq!(error.state(), common::sqlstate::IN_FAILED_SQL_TRANSACTION);
    }

    #[test]
    fn what_another_session_changes_of_the_table_is_seen() {
        let engine = engine();
        let mut client = reader(&engine);
        let mut other = TestClient::connect(&engine);
        let mut change = |sql: &str| other.run(sql).map(drop).expect("is changed");
        change("ALTER TABLE t ADD COLUMN w int DEFAULT 7");
        assert_eq!(client.column(READ).expect("is read"), ["one"]);
        change("ALTER TABLE t DROP CONSTRAINT t_pkey");
        change("INSERT INTO t VALUES (1, 'again')");
        assert_eq!(client.run(READ).expect("is read"), 2);
        change("DELETE FROM t WHERE v = 'again'");
        change("ALTER TABLE t ADD PRIMARY KEY (k)");
        for _ in 0..3 {
            assert_eq!(client.column(READ).expect("is read"), ["one"]);
        }
        assert_eq!(points(&client), 1);
        change("TRUNCATE t");
        assert_eq!(client.run(READ).expect("is read"), 0);
        change("INSERT INTO t VALUES (1, 'new')");
        assert_eq!(client.column(READ).expect("is read"), ["new"]);
        change("ALTER TABLE t RENAME COLUMN v TO u");
        client.run(READ).expect_err("the column has another name");
        change("ALTER TABLE t RENAME COLUMN u TO v");
        change("ALTER TABLE t RENAME TO s");
        client.run(READ).expect_err("the table has another name");
        change("CREATE TABLE t (k int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 9)");
        assert_eq!(client.column(READ).expect("is read"), ["9"]);
    }

    #[test]
    fn own_definitions_count_at_once_and_go_with_a_rollback() {
        let mut client = reader(&engine());
        client
            .run("BEGIN; DROP TABLE t; CREATE TABLE t (k int PRIMARY KEY, v text)")
            .expect("runs");
        assert_eq!(client.run(READ).expect("is read"), 0);
        client.run("ROLLBACK").expect("runs");
        assert_eq!(client.column(READ).expect("is read"), ["one"]);
    }

    #[test]
    fn a_name_that_means_another_table_is_looked_up_again() {
        let engine = engine();
        let mut client = reader(&engine);
        let mut run = |sql: &str| client.column(sql).expect("runs");
        run("CREATE TEMP TABLE t (k int PRIMARY KEY, v text)");
        run("INSERT INTO t VALUES (1, 'temporary')");
        for _ in 0..3 {
            assert_eq!(run(READ), ["temporary"]);
        }
        run("DROP TABLE t");
        assert_eq!(run(READ), ["one"]);
        run("CREATE SCHEMA s; CREATE TABLE s.t (k int PRIMARY KEY, v text)");
        run("INSERT INTO s.t VALUES (1, 'of s')");
        assert_eq!(run(READ), ["one"]);
        run("SET search_path = s, public");
        for _ in 0..3 {
            assert_eq!(run(READ), ["of s"]);
        }
        run("RESET search_path");
        assert_eq!(run(READ), ["one"]);
    }

    #[test]
    fn a_table_that_somebody_locks_is_waited_for() {
        let engine = engine();
        let mut client = TestClient::connect(&engine);
        client.run("SET lock_timeout = 1").expect("is set");
        read_often(&mut client);
        let mut other = TestClient::connect(&engine);
        other
            .run("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
            .expect("is locked");
        let error = client.run(READ).expect_err("is locked");
        assert_eq!(error.state(), common::sqlstate::LOCK_NOT_AVAILABLE);
        other.run("COMMIT").expect("runs");
        assert_eq!(client.column(READ).expect("is read"), ["one"]);
    }

    #[test]
    fn a_portal_of_a_pipeline_gives_its_row_once_and_keeps_its_time() {
        let mut client = TestClient::connect(&engine());
        for _ in 0..3 {
            let session = &mut client.session;
            let sql = "SELECT v FROM t WHERE k = $1";
            session.parse("", sql, &[], Mode::Inline).expect("is right");
            let key = vec![Datum::I32(1)];
            session
                .bind("", "", key, &[], Mode::Inline)
                .expect("is bound");
            let work = session.begin_execute("", 0).expect("is there");
            assert_eq!(client.do_work(work).expect("runs"), ["one"]);
            assert!(client.session.block.is_idle());
            let time = client.session.block.now_micros();
            let again = client.session.begin_execute("", 0).expect("is there");
            assert!(client.do_work(again).expect("runs").is_empty());
            assert_eq!(client.session.block.now_micros(), time);
            let sync = client.session.begin_sync();
            assert!(client.do_work(sync).expect("runs").is_empty());
        }
    }

    #[test]
    fn activity_shows_the_statement_and_an_idle_session() {
        let engine = engine();
        let mut client = reader(&engine);
        let mut other = TestClient::connect(&engine);
        client.run("SELECT 1").expect("runs");
        assert_eq!(client.column(READ).expect("is read"), ["one"]);
        let pid = client.session.cancel_key().0;
        let shown = |what: &str| format!("SELECT {what} FROM pg_stat_activity WHERE pid = {pid}");
        assert_eq!(other.column(&shown("query")).expect("runs"), [READ]);
        assert_eq!(other.column(&shown("state")).expect("runs"), ["idle"]);
        assert_eq!(
            other
                .column(&shown("xact_start IS NULL"))
                .expect("is shown"),
            ["t"]
        );
    }
}
