//! Who may go on: the limiter, for the clients of one JavaScript thread.
//!
//! A client is a handle, so that a check is one call with two numbers. What there is to say beside yes
//! and no lies in memory that the thread shares with JavaScript, its view.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use common::rt::monotonic_ns;
use common::{Result, bail, sqlstate};
use napi::bindgen_prelude::{AsyncTask, Float64Array};
use napi::{Env, Task};
use napi_derive::napi;
use registry::limiter::{Attributes, ClientKeys, Limiter, Phase, Usage};

use crate::engine::{engine, reject};
use crate::guard::{Code, caught, guard};
use crate::slots::Slots;

/// Answers of `limits_check`: no rule is about the client.
#[napi]
pub const LIMITS_NONE: u32 = 0;
#[napi]
pub const LIMITS_ALLOWED: u32 = 1;
#[napi]
pub const LIMITS_REFUSED: u32 = 2;
/// Phases of `limits_check`: what needs to know nothing of who the client is.
#[napi]
pub const LIMITS_EARLY: u32 = 0;
#[napi]
pub const LIMITS_LATE: u32 = 1;
#[napi]
pub const LIMITS_ALL: u32 = 2;
/// A bit beside the answer of `limits_check`: tell `limits_settle` when the request has ended.
#[napi]
pub const LIMITS_SETTLES: u32 = 4;

/// What the view has: limit, remaining, milliseconds to the reset and to another try, and which of
/// the client's limits that is.
const VIEW_LEN: usize = 5;

type View = Rc<[Cell<f64>; VIEW_LEN]>;

struct Client {
    limiter: Arc<Limiter>,
    keys: ClientKeys,
}

/// What one JavaScript thread has.
struct Thread {
    clients: RefCell<Slots<Client>>,
    view: View,
}

thread_local! {
    static THREAD: Thread = Thread {
        clients: RefCell::new(Slots::new()),
        view: View::default(),
    };
}

fn with_client<R>(handle: u32, body: impl FnOnce(&mut Client, &View) -> Result<R>) -> Result<R> {
    THREAD.with(
        |Thread { clients, view }| match clients.borrow_mut().get_mut(handle) {
            Some(client) => body(client, view),
            None => bail!(
                sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                "the limiter's client is closed"
            ),
        },
    )
}

/// The numbers that `limits_check` leaves for this thread.
#[napi]
pub fn limits_view() -> Result<Float64Array, napi::Error<Code>> {
    guard(|| {
        let shared = THREAD.with(|thread| thread.view.clone());
        let data = shared.as_ptr().cast_mut().cast::<f64>();
        // SAFETY: the cells are as many f64 and live until JavaScript lets go of the array, for the
        // finalizer owns a share of them; both sides run on this thread, one after the other.
        Ok(unsafe { Float64Array::with_external_data(data, VIEW_LEN, move |_, _| drop(shared)) })
    })
}

/// Sets the rules that follow from the configuration, a JSON list; how many clients are known at a
/// time; and whether anything is limited.
#[napi]
pub fn limits_configure(
    engine_handle: u32,
    rules: String,
    clients_max: f64,
    is_on: bool,
) -> Result<(), napi::Error<Code>> {
    guard(|| {
        let engine = engine(engine_handle)?;
        let limiter = engine.registry().limiter();
        limiter.configure_json(&rules, clients_max as u64, is_on)
    })
}

/// Makes a client of names and values in turn; gives its handle. 53400 when this thread has too many.
#[napi]
pub fn limits_client(
    engine_handle: u32,
    attributes: Vec<String>,
) -> Result<u32, napi::Error<Code>> {
    guard(|| {
        let client = Client {
            limiter: engine(engine_handle)?.registry().limiter().clone(),
            keys: ClientKeys::new(Attributes::of(&attributes)?),
        };
        match THREAD.with(|thread| thread.clients.borrow_mut().insert(client)) {
            Some(handle) => Ok(handle),
            None => bail!(
                sqlstate::CONFIGURATION_LIMIT_EXCEEDED,
                "too many clients of the limiter"
            ),
        }
    })
}

#[napi]
pub fn limits_release(handle: u32) -> Result<(), napi::Error<Code>> {
    guard(|| {
        let client = THREAD.with(|thread| thread.clients.borrow_mut().remove(handle));
        drop(client);
        Ok(())
    })
}

/// Whether the client may go on (`LIMITS_NONE` and its neighbours); `phase` is one of `LIMITS_EARLY`
/// and its neighbours. Unless it is none, the view says more.
#[napi]
pub fn limits_check(handle: u32, phase: u32) -> Result<u32, napi::Error<Code>> {
    guard(|| {
        let phase = match phase {
            LIMITS_EARLY => Phase::Early,
            LIMITS_LATE => Phase::Late,
            _ => Phase::All,
        };
        with_client(handle, |client, view| {
            let Client { limiter, keys } = client;
            let decided = limiter.check_now(keys, phase, Usage::default());
            let settles = if keys.settles() { LIMITS_SETTLES } else { 0 };
            let Some(decided) = decided else {
                return Ok(LIMITS_NONE | settles);
            };
            view[0].set(decided.limit as f64);
            view[1].set(decided.remaining as f64);
            view[2].set(decided.reset_ms as f64);
            view[3].set(decided.retry_after_ms as f64);
            view[4].set(decided.place as f64);
            Ok(if decided.allowed {
                LIMITS_ALLOWED | settles
            } else {
                LIMITS_REFUSED
            })
        })
    })
}

/// Which rule or quota stands at a place of the client.
#[napi]
pub fn limits_name(handle: u32, place: u32) -> Result<String, napi::Error<Code>> {
    guard(|| {
        with_client(handle, |client, _| {
            Ok(client.limiter.name_of(&client.keys, place as usize))
        })
    })
}

/// A request of the client has ended: what it used is charged, and adaptive rules are told how long
/// it took.
#[napi]
pub fn limits_settle(
    handle: u32,
    rows: f64,
    cpu_ms: f64,
    bytes: f64,
    elapsed_ms: f64,
) -> Result<(), napi::Error<Code>> {
    guard(|| {
        with_client(handle, |client, _| {
            let used = Usage {
                rows: rows as u64,
                cpu_ms: cpu_ms.round() as u64,
                bytes: bytes as u64,
            };
            let now = monotonic_ns();
            let Client { limiter, keys } = client;
            limiter.settle(keys, Usage::default(), used, now);
            limiter.observe((elapsed_ms * 1e6) as u64, now);
            Ok(())
        })
    })
}

/// The rules and quotas in force with their version, and counters, as JSON.
#[napi]
pub fn limits_describe(engine_handle: u32) -> Result<String, napi::Error<Code>> {
    guard(|| engine(engine_handle)?.registry().limiter().describe_json())
}

/// Something that waits for the disk.
pub struct Change {
    limiter: Arc<Limiter>,
    /// None only maintains.
    change: Option<(String, String)>,
}

impl Task for Change {
    type Output = Result<()>;
    type JsValue = ();

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let change = self.change.take();
        Ok(caught(|| match change {
            Some((action, json)) => self.limiter.change_json(&action, &json),
            None => self.limiter.maintain(monotonic_ns()),
        }))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<()> {
        guard(|| output).map_err(|error| reject(env, error))
    }
}

fn change(
    engine_handle: u32,
    change: Option<(String, String)>,
) -> Result<AsyncTask<Change>, napi::Error<Code>> {
    guard(|| {
        let limiter = engine(engine_handle)?.registry().limiter().clone();
        Ok(AsyncTask::new(Change { limiter, change }))
    })
}

/// `create`, `replace` or `drop`, and `rule` or `quota`; `json` is it, or the id of what is dropped.
#[napi(ts_return_type = "Promise<void>")]
pub fn limits_change(
    engine_handle: u32,
    action: String,
    json: String,
) -> Result<AsyncTask<Change>, napi::Error<Code>> {
    guard(|| Ok((action, json))).and_then(|asked| change(engine_handle, Some(asked)))
}

/// Forgets who may be forgotten, and brings counts to the disk. To be called about once a second.
#[napi(ts_return_type = "Promise<void>")]
pub fn limits_maintain(engine_handle: u32) -> Result<AsyncTask<Change>, napi::Error<Code>> {
    guard(|| Ok(None)).and_then(|nothing| change(engine_handle, nothing))
}
