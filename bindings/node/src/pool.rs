//! The pool of an engine: as JavaScript threads call it, and as the gate of connections.

use std::cell::RefCell;
use std::sync::Arc;

use codec::Gate;
use common::{Result, bail, sqlstate};
use engine::Engine;
use napi::bindgen_prelude::{Function, Uint32Array};
use napi_derive::napi;
use registry::limiter::{Attributes, ClientKeys, Usage};
use registry::pool::{
    Admission, Claim, PartitionOptions, Pool, PoolOptions, Priority, Ticket, Wake,
};

use crate::completions::Completions;
use crate::guard::{Code, guard};
use crate::slots::Slots;

/// What a connection has of the pool.
enum Hold {
    Nothing,
    Slot(u32),
    Waits(Ticket),
}

/// The gate of a connection: what it asks for is limited, and it is inside while it has a slot.
pub struct PoolGate {
    engine: Arc<Engine>,
    wake: Arc<dyn Wake>,
    /// What the front calls the connection.
    handle: u32,
    /// The session's process number.
    owner: u32,
    keys: ClientKeys,
    hold: Hold,
}

impl PoolGate {
    pub fn new(
        engine: Arc<Engine>,
        wake: Arc<dyn Wake>,
        (handle, owner): (u32, u32),
        attributes: Attributes,
    ) -> Self {
        Self {
            engine,
            wake,
            handle,
            owner,
            keys: ClientKeys::new(attributes),
            hold: Hold::Nothing,
        }
    }

    fn pool(&self) -> &Pool {
        self.engine.registry().pool()
    }

    fn claim(&mut self, timeout_ms: Option<u32>) -> Result<bool> {
        let pool = self.engine.registry().pool();
        let claim = Claim {
            owner: self.owner,
            partition: 0,
            priority: Priority::Normal,
            timeout_ms,
            wake: &self.wake,
            token: self.handle,
        };
        match pool.acquire(&claim).map_err(|refusal| refusal.error())? {
            Admission::Granted(slot) => {
                self.hold = Hold::Slot(slot);
                Ok(true)
            }
            Admission::Waits(ticket) => {
                self.hold = Hold::Waits(ticket);
                Ok(false)
            }
        }
    }
}

impl Gate for PoolGate {
    fn request(&mut self) -> Result<()> {
        let limiter = self.engine.registry().limiter();
        limiter.check_statement(&mut self.keys, Usage::default())
    }

    fn enter(&mut self, timeout_ms: &dyn Fn() -> Option<u32>) -> Result<bool> {
        match self.hold {
            Hold::Slot(_) => Ok(true),
            Hold::Nothing => self.claim(timeout_ms()),
            Hold::Waits(ticket) => match self.pool().collect(ticket) {
                None => Ok(false),
                Some(Ok(slot)) => {
                    self.hold = Hold::Slot(slot);
                    Ok(true)
                }
                Some(Err(refusal)) => {
                    self.hold = Hold::Nothing;
                    Err(refusal.error())
                }
            },
        }
    }

    fn leave(&mut self) {
        match std::mem::replace(&mut self.hold, Hold::Nothing) {
            Hold::Nothing => {}
            Hold::Slot(slot) => {
                self.pool().release(slot);
            }
            Hold::Waits(ticket) => self.pool().abandon(ticket),
        }
    }
}

impl Drop for PoolGate {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Settings of the pool; times in milliseconds, 0 as in `PoolOptions`.
#[napi(object)]
pub struct BindingPoolOptions {
    pub min_size: u32,
    pub initial_size: u32,
    pub max_size: u32,
    pub reserve_size: u32,
    pub reserve_timeout_ms: u32,
    pub acquire_timeout_ms: u32,
    pub max_lifetime_ms: f64,
    pub idle_timeout_ms: f64,
    pub max_wait_queue_size: u32,
    pub fair_queue: bool,
    pub priority_ageing_ms: u32,
    pub leak_detection_threshold_ms: f64,
    pub leak_reclaim: bool,
    pub maintenance_interval_ms: u32,
}

impl From<BindingPoolOptions> for PoolOptions {
    fn from(options: BindingPoolOptions) -> Self {
        Self {
            min_size: options.min_size,
            initial_size: options.initial_size,
            max_size: options.max_size,
            reserve_size: options.reserve_size,
            reserve_timeout_ms: options.reserve_timeout_ms,
            acquire_timeout_ms: options.acquire_timeout_ms,
            max_lifetime_ms: options.max_lifetime_ms as u64,
            idle_timeout_ms: options.idle_timeout_ms as u64,
            max_wait_queue_size: options.max_wait_queue_size,
            fair_queue: options.fair_queue,
            priority_ageing_ms: options.priority_ageing_ms,
            leak_detection_threshold_ms: options.leak_detection_threshold_ms as u64,
            leak_reclaim: options.leak_reclaim,
            maintenance_interval_ms: options.maintenance_interval_ms,
        }
    }
}

/// What one JavaScript thread has of a pool.
struct PoolFront {
    engine: Arc<Engine>,
    completions: Arc<Completions<(u32, Ticket)>>,
    wake: Arc<dyn Wake>,
}

thread_local! {
    static FRONTS: RefCell<Slots<PoolFront>> = const { RefCell::new(Slots::new()) };
}

fn with_front<R>(handle: u32, body: impl FnOnce(&PoolFront) -> Result<R>) -> Result<R> {
    FRONTS.with(|fronts| match fronts.borrow().get(handle) {
        Some(front) => body(front),
        None => bail!(
            sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
            "the pool is not open"
        ),
    })
}

fn with_pool<R>(handle: u32, body: impl FnOnce(&Pool) -> R) -> Result<R> {
    with_front(handle, |front| Ok(body(front.engine.registry().pool())))
}

/// Gives the pool its settings, at first and whenever they change. 22023 where they contradict.
#[napi]
pub fn pool_configure(engine: u32, options: BindingPoolOptions) -> Result<(), napi::Error<Code>> {
    guard(|| crate::engine::engine(engine)?.configure_pool(options.into()))
}

/// Makes this thread a caller of an engine's pool; gives a handle. `on_woken` is called without
/// arguments, on this thread, when `pool_woken` has something to give.
#[napi]
pub fn pool_open(engine: u32, on_woken: Function<'_, (), ()>) -> Result<u32, napi::Error<Code>> {
    let completions = Completions::new(&on_woken)?;
    guard(|| {
        let front = PoolFront {
            engine: crate::engine::engine(engine)?,
            wake: completions.clone(),
            completions,
        };
        FRONTS.with(|fronts| match fronts.borrow_mut().insert(front) {
            Some(handle) => Ok(handle),
            None => bail!(sqlstate::CONFIGURATION_LIMIT_EXCEEDED, "too many fronts"),
        })
    })
}

/// Lets go of the engine. Idempotent.
#[napi]
pub fn pool_close(handle: u32) -> Result<(), napi::Error<Code>> {
    guard(|| {
        FRONTS.with(|fronts| drop(fronts.borrow_mut().remove(handle)));
        Ok(())
    })
}

/// A slot, where one is free and nobody waits; else -1. The common case of `pool_acquire`: `owner` as
/// there, everything else as if not given.
#[napi]
pub fn pool_take(handle: u32, owner: u32) -> Result<i32, napi::Error<Code>> {
    guard(|| {
        with_pool(handle, |pool| {
            let slot = pool.take(owner);
            slot.map_or(-1, |slot| slot as i32)
        })
    })
}

/// A slot, where there is one; else the claim waits, the answer is -1 less than a ticket's negative
/// number, and `token` comes through `pool_woken` when the wait is over. `owner`: the process number of
/// the session that will run, 0 for none; `priority`: 0 to 3; `timeout_ms`: negative for the pool's.
/// 53300 where the claim is refused.
#[napi]
pub fn pool_acquire(
    handle: u32,
    owner: u32,
    partition: u32,
    priority: u32,
    timeout_ms: f64,
    token: u32,
) -> Result<f64, napi::Error<Code>> {
    guard(|| {
        with_front(handle, |front| {
            let claim = Claim {
                owner,
                partition,
                priority: Priority::ALL[priority as usize % Priority::ALL.len()],
                timeout_ms: (timeout_ms >= 0.0).then_some(timeout_ms as u32),
                wake: &front.wake,
                token,
            };
            let pool = front.engine.registry().pool();
            match pool.acquire(&claim).map_err(|refusal| refusal.error())? {
                Admission::Granted(slot) => Ok(f64::from(slot)),
                Admission::Waits(ticket) => Ok(-1.0 - ticket.number() as f64),
            }
        })
    })
}

fn ticket_of(number: f64) -> Ticket {
    Ticket::from_number((-1.0 - number) as u64)
}

/// The slot of a claim that waited; -1 while it still waits. 53300 where the wait was in vain.
#[napi]
pub fn pool_collect(handle: u32, ticket: f64) -> Result<f64, napi::Error<Code>> {
    guard(
        || match with_pool(handle, |pool| pool.collect(ticket_of(ticket)))? {
            None => Ok(-1.0),
            Some(Ok(slot)) => Ok(f64::from(slot)),
            Some(Err(refusal)) => Err(refusal.error()),
        },
    )
}

/// Ends a wait; a slot that it has got meanwhile goes to the next.
#[napi]
pub fn pool_abandon(handle: u32, ticket: f64) -> Result<(), napi::Error<Code>> {
    guard(|| with_pool(handle, |pool| pool.abandon(ticket_of(ticket))))
}

/// Gives a slot back; says whether `pool_woken` has something to give, which is not rung for then. 55000
/// where nobody has the slot: it was given back before.
#[napi]
pub fn pool_release(handle: u32, slot: u32) -> Result<bool, napi::Error<Code>> {
    guard(|| {
        with_front(handle, |front| {
            let pool = front.engine.registry().pool();
            let mut was_held = false;
            let is_woken = front
                .completions
                .look_after(|| was_held = pool.release(slot));
            if !was_held {
                bail!(
                    sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                    "slot {slot} is not in use"
                );
            }
            Ok(is_woken)
        })
    })
}

/// Says which session runs in a slot.
#[napi]
pub fn pool_set_owner(handle: u32, slot: u32, owner: u32) -> Result<(), napi::Error<Code>> {
    guard(|| with_pool(handle, |pool| pool.set_owner(slot, owner)))
}

/// Claims whose wait is over: a token and a slot each, 2^32 - 1 in place of a slot where `pool_collect`
/// has an error. Says how many; call until it gives less than there is room for.
#[napi]
pub fn pool_woken(handle: u32, mut out: Uint32Array) -> Result<u32, napi::Error<Code>> {
    guard(|| {
        with_front(handle, |front| {
            let pool = front.engine.registry().pool();
            // SAFETY: the array is JavaScript's and nobody else touches it during this call.
            let out = unsafe { out.as_mut() };
            let room = out.len() / 2;
            Ok(front.completions.drain(room, |at, (token, ticket)| {
                out[2 * at] = token;
                out[2 * at + 1] = pool.collect_slot(ticket).unwrap_or(u32::MAX);
            }))
        })
    })
}

/// What there is to see of an engine's pool, as JSON: `statistics`, `partitions`, `slots`, `waiters`,
/// `leaks`.
#[napi]
pub fn pool_report(engine: u32, what: String) -> Result<String, napi::Error<Code>> {
    /// Of a partition.
    const WAITERS_MAX: usize = 10_000;
    guard(|| {
        let engine = crate::engine::engine(engine)?;
        let pool = engine.registry().pool();
        let report = match what.as_str() {
            "statistics" => pool.statistics_json(),
            "partitions" => pool.partitions_json(),
            "slots" => pool.slots_json(),
            "waiters" => pool.waiters_json(WAITERS_MAX),
            "leaks" => pool.leaks_json(),
            other => bail!(sqlstate::INVALID_PARAMETER_VALUE, "no report {other}"),
        };
        Ok(report.to_string())
    })
}

/// Does something to an engine's pool: `pause`, `resume`, `drain`, `recycle`, `clear_waiters`,
/// `clear_leaks`. The last two say how many there were.
#[napi]
pub fn pool_control(engine: u32, action: String) -> Result<u32, napi::Error<Code>> {
    guard(|| {
        let engine = crate::engine::engine(engine)?;
        let pool = engine.registry().pool();
        match action.as_str() {
            "pause" => pool.pause(),
            "resume" => pool.resume(),
            "drain" => pool.drain(),
            "recycle" => pool.recycle(),
            "clear_waiters" => return Ok(pool.clear_waiters()),
            "clear_leaks" => return Ok(pool.clear_leaks() as u32),
            other => bail!(sqlstate::INVALID_PARAMETER_VALUE, "no action {other}"),
        }
        Ok(0)
    })
}

/// A partition of a pool; what is not given has no limit.
#[napi(object)]
pub struct BindingPartition {
    pub name: String,
    pub min_size: u32,
    pub max_size: Option<u32>,
    pub max_wait_queue_size: Option<u32>,
    pub may_borrow: bool,
    pub lends: bool,
}

/// Makes a partition, or changes the one of that name. 22023 where it cannot be.
#[napi]
pub fn pool_set_partition(
    engine: u32,
    partition: BindingPartition,
) -> Result<(), napi::Error<Code>> {
    guard(|| {
        let engine = crate::engine::engine(engine)?;
        let options = PartitionOptions {
            name: partition.name,
            min_size: partition.min_size,
            max_size: partition.max_size.unwrap_or(u32::MAX),
            max_wait_queue_size: partition.max_wait_queue_size.unwrap_or(u32::MAX),
            may_borrow: partition.may_borrow,
            lends: partition.lends,
        };
        engine.registry().pool().set_partition(options).map(drop)
    })
}

/// Forgets a partition; false where there is none of the name, or it is the one that must be.
#[napi]
pub fn pool_drop_partition(engine: u32, name: String) -> Result<bool, napi::Error<Code>> {
    guard(|| {
        let engine = crate::engine::engine(engine)?;
        Ok(engine.registry().pool().drop_partition(&name))
    })
}

/// Ends a session by its process number, and what it runs; false where there is none.
#[napi]
pub fn pool_end_session(engine: u32, process_id: u32) -> Result<bool, napi::Error<Code>> {
    guard(|| {
        let session = crate::engine::engine(engine)?.sessions().get(process_id);
        if let Some(session) = &session {
            session.terminate();
        }
        Ok(session.is_some())
    })
}
