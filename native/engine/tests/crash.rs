//! Crashes at any disk call under the real engine: what was acknowledged is there, nothing is there
//! by half, every index says what its table says.
//!
//! A seed gives the options, the statements and the fault. `RUSTYDB_CRASH_SEEDS` is how many seeds
//! run, or `first..end`. The engine's threads run as they like, so a seed is a strong hint and not a
//! script; where `no_threads` holds it nearly is one.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use common::{Result, sqlstate};
use engine::{
    ConnectOptions, CopyShape, Engine, EngineOptions, Mode, OutputColumn, Progress, ResultSink,
    Session, Ticket,
};
use sim::{DiskImage, Fault, FaultyVfs, Rng};
use storage::PolicyKind;
use types::{Batch, DatumRef};

const SESSIONS: usize = 4;
/// Keys of one session: key `k` is written by session `k % SESSIONS` alone, so none waits.
const KEYS: u64 = 40;
const SECOND_VALUES: u64 = 16;
const ROUNDS: usize = 3;
const FRAME_BYTES: u64 = 16384;

/// One row but for its key, and for the text, which follows from the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    second: i32,
    /// Unique in the table.
    unique: i32,
    text_length: usize,
}

type Rows = BTreeMap<i32, Row>;

/// The text of a row: another for each value.
fn text_of(row: Row) -> String {
    let unit = format!("{}.", row.unique);
    unit.chars().cycle().take(row.text_length).collect()
}

/// What one session has been told, kept outside of the engine.
#[derive(Default)]
struct Record {
    committed: Rows,
    /// A commit that was asked for and not answered, and its place among all commits.
    in_doubt: Option<(u64, Rows)>,
}

/// Takes rows as they come.
#[derive(Default)]
struct Answer(Vec<(i32, Row, String)>);

fn int(value: DatumRef<'_>) -> i32 {
    match value {
        DatumRef::I32(value) => value,
        _ => panic!("an int4 is wanted"),
    }
}

impl ResultSink for Answer {
    fn columns(&mut self, _columns: &[OutputColumn]) {}

    fn rows(&mut self, columns: &[OutputColumn], batch: &Batch, rows: Range<usize>) -> Result<()> {
        assert_eq!(columns.len(), 4);
        for at in rows {
            let text = match batch.get(3, at) {
                DatumRef::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
                _ => panic!("a text is wanted"),
            };
            let row = Row {
                second: int(batch.get(1, at)),
                unique: int(batch.get(2, at)),
                text_length: text.len(),
            };
            self.0.push((int(batch.get(0, at)), row, text));
        }
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

/// Runs a text until it is done or its commit is on its way.
fn start(session: &mut Session, sql: &str, answer: &mut Answer) -> Result<Option<Ticket>> {
    let mut work = session.begin_simple(sql);
    loop {
        match session.run(&mut work, answer, Mode::Aside)? {
            Progress::Done => return Ok(None),
            Progress::Commit(ticket) => return Ok(Some(ticket)),
            Progress::Full | Progress::More | Progress::Aside => {}
            Progress::CopyIn => panic!("no COPY was asked for"),
        }
    }
}

/// Runs a text to its end, waiting for its commit.
fn run(engine: &Engine, session: &mut Session, sql: &str) -> Result<Answer> {
    let mut answer = Answer::default();
    if let Some(ticket) = start(session, sql, &mut answer)? {
        engine.wait(ticket)?;
    }
    Ok(answer)
}

fn connect(engine: &Arc<Engine>) -> Result<Box<Session>> {
    engine.connect(ConnectOptions {
        user: "rustydb".to_owned(),
        database: "rustydb".to_owned(),
        ..ConnectOptions::default()
    })
}

fn open(vfs: &FaultyVfs, storage: &storage::Options) -> Result<Arc<Engine>> {
    Engine::open(EngineOptions {
        buffer_pool_bytes: storage.buffer_pool_bytes,
        vfs: Some(Arc::new(vfs.clone())),
        storage: Some(storage.clone()),
        ..EngineOptions::default()
    })
}

/// One session at work: its transaction as it sees it.
struct Client {
    number: usize,
    session: Box<Session>,
    rows: Rows,
    /// States at the open savepoints.
    savepoints: Vec<Rows>,
    is_open: bool,
    ticket: Option<Ticket>,
}

/// A whole run: the disk, the records, and where randomness comes from.
struct Run {
    rng: Rng,
    storage: storage::Options,
    disk: DiskImage,
    records: [Record; SESSIONS],
    /// Commits asked for so far.
    commits: u64,
    /// Values given to the unique column so far.
    uniques: i32,
    /// Statements that a full disk refused so far.
    refusals: usize,
    /// Sessions that a crash is to end.
    unfinished: Vec<Client>,
}

impl Run {
    /// Makes the table, on a disk that is well.
    fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let policies = [
            PolicyKind::default(),
            PolicyKind::Clock,
            PolicyKind::Lru,
            PolicyKind::TwoQ,
        ];
        let storage = storage::Options {
            buffer_pool_bytes: (64 << rng.below(2)) * FRAME_BYTES,
            wal_segment_bytes: (64 << 10) << rng.below(3),
            wal_ring_bytes: (64 << 10) << rng.below(2),
            wal_spare_segments: 1 + rng.below(2) as u32,
            checkpoint_bytes: (128 << 10) << rng.below(3),
            ballast_bytes: 0,
            check_apply: rng.chance(3),
            eviction_policy: policies[rng.below(4) as usize],
            no_threads: rng.chance(3),
            ..storage::Options::default()
        };
        let mut run = Self {
            rng,
            storage,
            disk: DiskImage::default(),
            records: Default::default(),
            commits: 0,
            uniques: 0,
            refusals: 0,
            unfinished: Vec::new(),
        };
        let vfs = FaultyVfs::new(run.disk.clone(), Vec::new());
        let engine = open(&vfs, &run.storage).unwrap();
        let mut session = connect(&engine).unwrap();
        let tables = "CREATE TABLE t (k int PRIMARY KEY, second int, u int UNIQUE, body text); \
                      CREATE INDEX t_second ON t (second)";
        crate::run(&engine, &mut session, tables).unwrap();
        drop(session);
        run.power_off(&vfs, engine);
        run
    }

    /// Cuts the power, then lets the threads of the engine end.
    fn power_off(&mut self, vfs: &FaultyVfs, engine: Arc<Engine>) {
        self.disk = vfs.crash(&mut self.rng);
        self.unfinished.clear();
        let _ = engine.close();
    }

    /// Work on a disk that fails, then a crash. A fault may hit recovery as well.
    fn round(&mut self, fault: Option<Fault>) -> std::result::Result<(), String> {
        let vfs = FaultyVfs::new(self.disk.clone(), fault.into_iter().collect());
        let Ok(engine) = open(&vfs, &self.storage) else {
            self.disk = vfs.crash(&mut self.rng);
            return Ok(());
        };
        let checked = self.check(&engine);
        // When the disk fails the check, what was in doubt still is: work would start from a guess.
        let is_settled = matches!(checked, Ok(Ok(())));
        let checked = checked.unwrap_or(Ok(()));
        if is_settled {
            let steps = 50 + self.rng.below(400);
            let mut clients = Vec::new();
            let _ = self.work(&engine, &mut clients, steps);
            let is_late = self.rng.chance(2);
            if is_late {
                // What goes on without a disk must end.
                self.disk = vfs.crash(&mut self.rng);
            }
            drop(clients);
            if is_late {
                let _ = engine.close();
                return checked;
            }
        }
        self.power_off(&vfs, engine);
        checked
    }

    /// Steps the sessions in turn until an error that the disk caused, or the steps are done.
    fn work(&mut self, engine: &Arc<Engine>, clients: &mut Vec<Client>, steps: u64) -> Result<()> {
        for number in 0..SESSIONS {
            clients.push(Client {
                number,
                session: connect(engine)?,
                rows: self.records[number].committed.clone(),
                savepoints: Vec::new(),
                is_open: false,
                ticket: None,
            });
        }
        for _ in 0..steps {
            let number = self.rng.below(SESSIONS as u64) as usize;
            self.step(engine, &mut clients[number])?;
            if self.rng.chance(60) {
                engine.storage().checkpoint()?;
            }
        }
        Ok(())
    }

    /// Work of which nothing is committed, and pages written all the time.
    fn work_in_vain(&mut self, engine: &Arc<Engine>) -> Result<()> {
        let mut clients = Vec::new();
        self.work(engine, &mut clients, 0)?;
        for _ in 0..200 {
            let client = &mut clients[self.rng.below(SESSIONS as u64) as usize];
            if !client.is_open {
                self.execute(client, "BEGIN")?;
                client.is_open = true;
            }
            match self.rng.below(4) {
                0 => self.delete(client)?,
                _ => self.put(client)?,
            }
            if self.rng.chance(20) {
                engine.storage().checkpoint()?;
            }
        }
        // The sessions are still at it when the power goes.
        self.unfinished.extend(clients);
        Ok(())
    }

    fn step(&mut self, engine: &Engine, client: &mut Client) -> Result<()> {
        if let Some(ticket) = client.ticket.take() {
            engine.wait(ticket)?;
            self.acknowledge(client);
        }
        if !client.is_open {
            self.execute(client, "BEGIN")?;
            client.is_open = true;
        }
        match self.rng.below(20) {
            0..3 => self.commit(client),
            3 => {
                self.execute(client, "ROLLBACK")?;
                client.is_open = false;
                client.savepoints.clear();
                client
                    .rows
                    .clone_from(&self.records[client.number].committed);
                Ok(())
            }
            4..6 if client.savepoints.len() < 3 => {
                let name = client.savepoints.len();
                client.savepoints.push(client.rows.clone());
                self.execute(client, &format!("SAVEPOINT s{name}"))
            }
            6..8 if !client.savepoints.is_empty() => {
                let at = self.rng.below(client.savepoints.len() as u64) as usize;
                client.rows.clone_from(&client.savepoints[at]);
                client.savepoints.truncate(at + 1);
                self.execute(client, &format!("ROLLBACK TO s{at}"))
            }
            8 if !client.savepoints.is_empty() => {
                let at = client.savepoints.len() - 1;
                client.savepoints.truncate(at);
                self.execute(client, &format!("RELEASE s{at}"))
            }
            9..12 => self.delete(client),
            _ => self.put(client),
        }
    }

    fn execute(&mut self, client: &mut Client, sql: &str) -> Result<()> {
        start(&mut client.session, sql, &mut Answer::default()).map(drop)
    }

    /// Asks for a commit. It is in doubt from before the call until the ticket is published.
    fn commit(&mut self, client: &mut Client) -> Result<()> {
        self.commits += 1;
        self.records[client.number].in_doubt = Some((self.commits, client.rows.clone()));
        let mut answer = Answer::default();
        client.ticket = start(&mut client.session, "COMMIT", &mut answer)?;
        client.is_open = false;
        client.savepoints.clear();
        if client.ticket.is_none() {
            self.acknowledge(client);
        }
        Ok(())
    }

    /// Work on a disk that is full, then with room again, all in one engine: statements that find no
    /// room fail with 53100 and are rolled back, nothing else goes wrong. Then a crash.
    fn full_round(&mut self, spare_bytes: u64) -> std::result::Result<(), String> {
        let before = self.storage.ballast_bytes;
        self.storage.ballast_bytes = 4 * self.storage.wal_segment_bytes;
        let vfs = FaultyVfs::new(self.disk.clone(), Vec::new());
        let result = match open(&vfs, &self.storage) {
            Ok(engine) => {
                let result = self.fill_up(&engine, &vfs, spare_bytes);
                self.power_off(&vfs, engine);
                result
            }
            Err(error) => Err(error.to_string()),
        };
        self.storage.ballast_bytes = before;
        result
    }

    fn fill_up(
        &mut self,
        engine: &Arc<Engine>,
        vfs: &FaultyVfs,
        spare_bytes: u64,
    ) -> std::result::Result<(), String> {
        let say = |error: common::Error| error.to_string();
        self.check(engine).map_err(say)??;
        let mut clients = Vec::new();
        self.work(engine, &mut clients, 0).map_err(say)?;
        self.refill(vfs, spare_bytes);
        let steps = 200 + self.rng.below(400);
        for _ in 0..steps {
            self.let_losers_end(engine, vfs, spare_bytes)?;
            let number = self.rng.below(SESSIONS as u64) as usize;
            if let Err(error) = self.step(engine, &mut clients[number]) {
                self.refused(&mut clients[number], error).map_err(say)?;
            }
            if self.rng.chance(60)
                && let Err(error) = engine.storage().checkpoint()
                && error.state() != sqlstate::DISK_FULL
            {
                return Err(say(error));
            }
        }
        vfs.set_faults(Vec::new());
        self.let_losers_end(engine, vfs, spare_bytes)?;
        vfs.set_faults(Vec::new());
        engine.storage().checkpoint().map_err(say)?;
        // The log looks for room again each second; until then it may refuse.
        let mut refusals_left = 500;
        for _ in 0..100 {
            let number = self.rng.below(SESSIONS as u64) as usize;
            while let Err(error) = self.step(engine, &mut clients[number]) {
                refusals_left -= 1;
                if refusals_left == 0 {
                    return Err(say(error));
                }
                self.refused(&mut clients[number], error).map_err(say)?;
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
        }
        for client in &mut clients {
            self.settle_client(engine, client).map_err(say)?;
        }
        drop(clients);
        self.check(engine).map_err(say)?
    }

    /// Where even a rollback has found no room, the background goes on with it once there is some;
    /// its rows are locked until then.
    fn let_losers_end(
        &mut self,
        engine: &Engine,
        vfs: &FaultyVfs,
        spare_bytes: u64,
    ) -> std::result::Result<(), String> {
        if engine.txns().loser_count() == 0 {
            return Ok(());
        }
        vfs.set_faults(Vec::new());
        while engine.txns().loser_count() > 0 {
            if let Err(error) = engine.storage().health() {
                return Err(format!("a full disk has ended all writing: {error}"));
            }
            common::rt::sleep(std::time::Duration::from_millis(1));
        }
        self.refill(vfs, spare_bytes);
        Ok(())
    }

    fn refill(&mut self, vfs: &FaultyVfs, spare_bytes: u64) {
        let capacity_bytes = vfs.size_bytes() + spare_bytes;
        vfs.set_faults(vec![Fault::Full { capacity_bytes }]);
    }

    /// The disk had no room for a statement: its transaction is rolled back.
    fn refused(&mut self, client: &mut Client, error: common::Error) -> Result<()> {
        if error.state() != sqlstate::DISK_FULL || client.ticket.is_some() {
            return Err(error);
        }
        self.refusals += 1;
        self.records[client.number].in_doubt = None;
        self.execute(client, "ROLLBACK")?;
        client.is_open = false;
        client.savepoints.clear();
        client
            .rows
            .clone_from(&self.records[client.number].committed);
        Ok(())
    }

    /// Ends what is open: the rows are those that were committed last.
    fn settle_client(&mut self, engine: &Engine, client: &mut Client) -> Result<()> {
        if let Some(ticket) = client.ticket.take() {
            engine.wait(ticket)?;
            self.acknowledge(client);
        }
        if client.is_open {
            self.execute(client, "ROLLBACK")?;
            client.is_open = false;
        }
        Ok(())
    }

    fn acknowledge(&mut self, client: &Client) {
        let record = &mut self.records[client.number];
        let (_, rows) = record.in_doubt.take().expect("its commit was asked for");
        record.committed = rows;
    }

    fn key(&mut self, client: &Client) -> i32 {
        (self.rng.below(KEYS) as usize * SESSIONS + client.number) as i32
    }

    fn delete(&mut self, client: &mut Client) -> Result<()> {
        let first = self.key(client);
        let end = first + if self.rng.chance(4) { 40 } else { 1 };
        let own =
            |key: i32| (first..end).contains(&key) && key as usize % SESSIONS == client.number;
        let sql = format!(
            "DELETE FROM t WHERE k >= {first} AND k < {end} AND k % {SESSIONS} = {}",
            client.number
        );
        client.rows.retain(|key, _| !own(*key));
        self.execute(client, &sql)
    }

    /// Inserts the row, or updates some of its columns.
    fn put(&mut self, client: &mut Client) -> Result<()> {
        let key = self.key(client);
        self.uniques += 1;
        let text_length = match self.rng.below(12) {
            0 => 4000 + self.rng.below(30_000),
            1..4 => self.rng.below(2000),
            _ => self.rng.below(100),
        } as usize;
        let new = Row {
            second: self.rng.below(SECOND_VALUES) as i32,
            unique: self.uniques,
            text_length,
        };
        let old = client.rows.insert(key, new);
        let (second, unique, text) = (new.second, new.unique, text_of(new));
        let sql = match old {
            None => format!("INSERT INTO t VALUES ({key}, {second}, {unique}, '{text}')"),
            Some(_) => format!(
                "UPDATE t SET second = {second}, u = {unique}, body = '{text}' WHERE k = {key}"
            ),
        };
        self.execute(client, &sql)
    }

    /// Compares the table with the records; settles what is in doubt. The outer error is the disk's,
    /// the inner one what is wrong.
    fn check(&mut self, engine: &Arc<Engine>) -> Result<std::result::Result<(), String>> {
        let mut session = connect(engine)?;
        let all = run(engine, &mut session, "SELECT k, second, u, body FROM t")?;
        let mut found: [Rows; SESSIONS] = Default::default();
        for (key, row, text) in &all.0 {
            if *text != text_of(*row) {
                return Ok(Err(format!("row {key} has not the text that was written")));
            }
            if found[*key as usize % SESSIONS].insert(*key, *row).is_some() {
                return Ok(Err(format!("key {key} is there twice")));
            }
        }
        if let Err(problem) = self.settle(&found) {
            return Ok(Err(problem));
        }
        for second in 0..SECOND_VALUES as i32 {
            let sql = format!("SELECT k, second, u, body FROM t WHERE second = {second}");
            let by_index = run(engine, &mut session, &sql)?;
            let wanted = all
                .0
                .iter()
                .filter(|(_, row, _)| row.second == second)
                .count();
            if by_index.0.len() != wanted {
                let count = by_index.0.len();
                return Ok(Err(format!(
                    "second = {second}: {count} rows, {wanted} by the scan"
                )));
            }
        }
        for (key, row, _) in &all.0 {
            let sql = format!("SELECT k, second, u, body FROM t WHERE k = {key}");
            let by_key = run(engine, &mut session, &sql)?;
            if by_key.0.len() != 1 || by_key.0[0].1 != *row {
                return Ok(Err(format!(
                    "key {key}: {:?}, by the scan {row:?}",
                    by_key.0
                )));
            }
        }
        drop(session);
        let (_, problems) = engine::verify(engine)?;
        Ok(problems
            .first()
            .map_or(Ok(()), |problem| Err(problem.clone())))
    }

    /// Each session's rows are those it was told, or those of its commit in doubt; and commits reach
    /// the log in order, so one that is lost takes all later ones along.
    fn settle(&mut self, found: &[Rows; SESSIONS]) -> std::result::Result<(), String> {
        let (mut last_kept, mut first_lost) = (0, u64::MAX);
        for (number, (record, found)) in self.records.iter_mut().zip(found).enumerate() {
            match record.in_doubt.take() {
                // A commit of nothing cannot be told from none.
                Some((_, rows)) if rows == record.committed => {}
                Some((commit, rows)) if rows == *found => {
                    last_kept = last_kept.max(commit);
                    record.committed = rows;
                }
                Some((commit, _)) => first_lost = first_lost.min(commit),
                None => {}
            }
            if record.committed != *found {
                return Err(format!(
                    "session {number}: {}",
                    first_difference(&record.committed, found)
                ));
            }
        }
        if last_kept > first_lost {
            return Err(format!(
                "commit {last_kept} is there, {first_lost} before it is not"
            ));
        }
        Ok(())
    }
}

fn first_difference(wanted: &Rows, found: &Rows) -> String {
    let keys = wanted.keys().chain(found.keys());
    let mut differing = keys.filter(|key| wanted.get(key) != found.get(key));
    let key = differing.next().expect("they differ");
    format!(
        "key {key}: wanted {:?}, found {:?}; {} keys differ",
        wanted.get(key),
        found.get(key),
        differing.count() + 1
    )
}

/// A fault at some call; early ones hit recovery. A full disk has that many bytes left.
fn some_fault(rng: &mut Rng) -> Fault {
    if rng.chance(7) {
        let capacity_bytes = rng.below(512 << 10);
        return Fault::Full { capacity_bytes };
    }
    let reach = [40, 200, 1000][rng.below(3) as usize];
    let at_call = 1 + rng.below(reach);
    match rng.below(6) {
        0 => Fault::SyncError { at_call },
        1 => Fault::WriteError { at_call },
        _ => Fault::PowerCut { at_call },
    }
}

/// Works and crashes several times; then the disk is well, and all must be.
fn torment(seed: u64) -> std::result::Result<(), String> {
    let mut run = Run::new(seed);
    for _ in 0..ROUNDS {
        let fault = some_fault(&mut run.rng);
        let result = match fault {
            Fault::Full { capacity_bytes } => run.full_round(capacity_bytes),
            fault => run.round(Some(fault)),
        };
        result.map_err(|problem| format!("{fault:?}: {problem}"))?;
    }
    finish(&mut run)
}

/// Opens, checks, works, closes in order, and opens and checks again.
fn finish(run: &mut Run) -> std::result::Result<(), String> {
    let say = |error: common::Error| error.to_string();
    let vfs = FaultyVfs::new(run.disk.clone(), Vec::new());
    let engine = open(&vfs, &run.storage).map_err(say)?;
    let result = run.finish_on(&engine);
    let closed = engine.close().map_err(say);
    result?;
    closed?;
    let engine = open(&vfs, &run.storage).map_err(say)?;
    let checked = run.check(&engine).map_err(say);
    let _ = engine.close();
    checked?
}

impl Run {
    fn finish_on(&mut self, engine: &Arc<Engine>) -> std::result::Result<(), String> {
        let say = |error: common::Error| error.to_string();
        self.check(engine).map_err(say)??;
        let mut clients = Vec::new();
        self.work(engine, &mut clients, 60).map_err(say)?;
        for client in &mut clients {
            if let Some(ticket) = client.ticket.take() {
                engine.wait(ticket).map_err(say)?;
                self.acknowledge(client);
            }
        }
        Ok(())
    }
}

fn seeds() -> Range<u64> {
    let text = std::env::var("RUSTYDB_CRASH_SEEDS").unwrap_or_else(|_| "40".to_owned());
    match text.split_once("..") {
        Some((first, end)) => first.parse().unwrap()..end.parse().unwrap(),
        None => 0..text.parse().unwrap(),
    }
}

#[test]
fn crashes_at_any_disk_call_keep_what_was_acknowledged() {
    let mut problems = Vec::new();
    for seed in seeds() {
        let result = std::panic::catch_unwind(|| torment(seed))
            .unwrap_or_else(|_| Err("a panic, see above".to_owned()));
        if let Err(problem) = result {
            eprintln!("seed {seed}: {problem}");
            problems.push(seed);
        }
    }
    assert!(problems.is_empty(), "seeds {problems:?}");
}

/// The planted bug: syncs that do nothing. A check that did not notice would be worth nothing.
#[test]
fn a_skipped_sync_is_noticed() {
    let noticed = (0..12).filter(|seed| {
        let attempt = || {
            let mut run = Run::new(*seed);
            run.round(Some(Fault::SyncIgnored))?;
            finish(&mut run)
        };
        std::panic::catch_unwind(attempt).map_or(true, |result| result.is_err())
    });
    let noticed = noticed.count();
    assert!(noticed >= 6, "noticed in {noticed} of 12 seeds");
}

/// The seeds do meet a full disk, and statements are refused there.
#[test]
fn a_full_disk_refuses_statements_and_loses_nothing() {
    let mut refusals = 0;
    for seed in 0..6 {
        let mut run = Run::new(seed);
        run.full_round(64 << 10).unwrap();
        refusals += run.refusals;
        finish(&mut run).unwrap();
    }
    assert!(refusals > 20, "{refusals} statements were refused");
}

/// Pages of transactions that never commit are written, and the power goes.
fn write_in_vain(seed: u64, fault: Option<Fault>) -> std::result::Result<(), String> {
    let mut run = Run::new(seed);
    let vfs = FaultyVfs::new(run.disk.clone(), fault.into_iter().collect());
    let engine = open(&vfs, &run.storage).map_err(|error| error.to_string())?;
    let worked = run.work_in_vain(&engine);
    run.power_off(&vfs, engine);
    worked.map_err(|error| error.to_string())?;
    finish(&mut run)
}

/// The other planted bug: pages are on the disk before the log that tells how to take them back.
/// Nothing was acknowledged, so only that is there to be noticed.
#[test]
fn a_page_written_before_its_log_is_noticed() {
    let noticed = |fault: Option<Fault>| {
        let is_noticed = |seed: &u64| {
            let attempt = std::panic::catch_unwind(|| write_in_vain(*seed, fault));
            attempt.map_or(true, |result| result.is_err())
        };
        (0..12).filter(is_noticed).count()
    };
    assert_eq!(
        noticed(None),
        0,
        "nothing is wrong with a log that is synced"
    );
    let noticed = noticed(Some(Fault::SyncIgnoredIn { folder: "wal" }));
    assert!(noticed >= 6, "noticed in {noticed} of 12 seeds");
}
