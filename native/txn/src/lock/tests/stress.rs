//! Many threads, random requests of all kinds, modes and waits, with interrupts and time-outs: no
//! two conflicting locks at once, nothing left behind.

use std::sync::atomic::{AtomicI32, Ordering};

use super::*;

const THREADS: u64 = 6;
const ROUNDS: u64 = 1500;
const KEYS: u64 = 4;

/// Who holds a key: the number of shared holders, or -1.
#[derive(Default)]
struct Guarded([AtomicI32; 3 * KEYS as usize]);

impl Guarded {
    fn enter(&self, key: usize, is_shared: bool) {
        if is_shared {
            assert!(self.0[key].fetch_add(1, Ordering::SeqCst) >= 0);
        } else {
            assert_eq!(self.0[key].swap(-1, Ordering::SeqCst), 0);
        }
    }

    fn leave(&self, key: usize, is_shared: bool) {
        if is_shared {
            self.0[key].fetch_sub(1, Ordering::SeqCst);
        } else {
            self.0[key].store(0, Ordering::SeqCst);
        }
    }
}

fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

fn ask(
    session: &mut Session,
    kind: u64,
    number: u64,
    is_shared: bool,
    wait: LockWait,
) -> Result<LockOutcome> {
    let manager = session.manager.clone();
    let locks = manager.locks();
    match kind {
        0 => {
            let key = AdvisoryKey::Pair(1, number as i32);
            locks.lock_advisory(&mut session.txn, key, is_shared, wait)
        }
        1 => {
            let mode = match is_shared {
                true => LockMode::RowExclusive,
                false => LockMode::AccessExclusive,
            };
            let table = ObjectId(number as u32);
            locks.lock_table(&mut session.txn, table, mode, wait)
        }
        _ => {
            let mode = match is_shared {
                true => RowLockMode::Share,
                false => RowLockMode::Update,
            };
            session.row(number, mode, wait)
        }
    }
}

/// One transaction: up to three locks; each key in one strength only, so that there is no upgrade.
fn round(session: &mut Session, guarded: &Guarded, seed: &mut u64) {
    let mut held: Vec<(usize, bool)> = Vec::new();
    for _ in 0..3 {
        let (kind, number) = (random(seed) % 3, random(seed) % KEYS);
        let key = (kind * KEYS + number) as usize;
        if held.iter().any(|(other, _)| *other == key) {
            continue;
        }
        let is_shared = random(seed).is_multiple_of(2);
        let wait = match random(seed) % 4 {
            0 => LockWait::Try,
            1 => LockWait::Queue,
            _ => LockWait::Block,
        };
        session
            .backend
            .set_lock_timeout_ms((random(seed) % 3) as u32);
        let mut result = ask(session, kind, number, is_shared, wait);
        // Run again, at most so often; then something else is done.
        for _ in 0..random(seed) % 50 {
            if !matches!(&result, Err(error) if error.is_would_block()) {
                break;
            }
            std::thread::yield_now();
            result = ask(session, kind, number, is_shared, wait);
        }
        match result {
            Ok(LockOutcome::NotAvailable) => {}
            Ok(_) => {
                guarded.enter(key, is_shared);
                held.push((key, is_shared));
            }
            Err(error) if error.is_would_block() => {}
            Err(error) => {
                let state = error.state().0;
                assert!(
                    [*b"40P01", *b"55P03", *b"57014"].contains(&state),
                    "{error}"
                );
                session.backend.clear_interrupt();
                break;
            }
        }
    }
    // Others get a chance to meet what is held.
    for _ in 0..random(seed) % 4 {
        std::thread::yield_now();
    }
    for (key, is_shared) in held {
        guarded.leave(key, is_shared);
    }
}

#[test]
fn no_two_conflicting_locks_at_once() {
    let world = World::new();
    let guarded = Arc::new(Guarded::default());
    let threads: Vec<_> = (0..THREADS)
        .map(|number| {
            let (world, guarded) = (world.clone(), guarded.clone());
            std::thread::spawn(move || {
                let mut seed = 0x9e37_79b9_7f4a_7c15 ^ (number << 32 | number);
                for _ in 0..ROUNDS {
                    let mut session = world.session();
                    round(&mut session, &guarded, &mut seed);
                    let other = world.manager.locks().backend(session.pid() - 1);
                    if let Some(other) = other
                        && random(&mut seed).is_multiple_of(20)
                    {
                        other.interrupt(Interrupt::Cancel);
                    }
                    world.manager.locks().check_queued();
                    let backend = session.backend.clone();
                    session.end();
                    world.manager.disconnect(&backend);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let locks = world.manager.locks();
    assert_eq!(locks.statistics().used, 0);
    assert!(locks.list().is_empty() && locks.wait_graph().is_empty());
    // All strong counters are down again: weak locks go to the sessions.
    let mut session = world.session();
    for number in 0..KEYS {
        ask(&mut session, 1, number, true, LockWait::Try).unwrap();
    }
    assert_eq!(locks.statistics().used, 0);
    session.end();
}
