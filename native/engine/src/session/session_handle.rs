//! What other threads see of a session, and how they interrupt it.

use std::sync::{Arc, OnceLock};

use common::rt::{self, Mutex, MutexGuard};
use txn::{Backend, Interrupt};

use super::holdings::Holdings;
use crate::stream::Wake;

/// `pg_stat_activity.state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ActivityState {
    #[default]
    Idle,
    Active,
    IdleInTransaction,
    IdleInFailedTransaction,
}

impl ActivityState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Active => "active",
            Self::IdleInTransaction => "idle in transaction",
            Self::IdleInFailedTransaction => "idle in transaction (aborted)",
        }
    }
}

/// A line of `pg_stat_activity`; times are microseconds since 1970.
#[derive(Clone, Debug, Default)]
pub struct Activity {
    pub user: Arc<str>,
    pub database: Arc<str>,
    pub application: String,
    pub client_address: String,
    pub backend_start_micros: i64,
    pub transaction_start_micros: Option<i64>,
    pub query_start_micros: Option<i64>,
    pub state_change_micros: i64,
    pub state: ActivityState,
    pub query: Option<Arc<str>>,
    /// The number of its normalized text.
    pub query_id: Option<i64>,
    /// What it waits for other than a lock: type and event.
    pub wait: Option<(&'static str, &'static str)>,
}

/// Shared by the session, the engine's list and the connection that owns the session.
#[derive(Clone)]
pub struct SessionHandle {
    pub backend: Arc<Backend>,
    secret: [u8; 4],
    activity: Arc<Mutex<Activity>>,
    wake: Arc<OnceLock<Wake>>,
    holdings: Arc<Mutex<Holdings>>,
}

impl SessionHandle {
    pub fn new(backend: Arc<Backend>, mut activity: Activity) -> Self {
        let mut secret = [0; 4];
        rt::random_bytes(&mut secret);
        activity.backend_start_micros = rt::unix_micros();
        activity.state_change_micros = activity.backend_start_micros;
        Self {
            backend,
            secret,
            activity: Arc::new(Mutex::new(activity)),
            wake: Arc::default(),
            holdings: Arc::default(),
        }
    }

    pub fn pid(&self) -> u32 {
        self.backend.pid()
    }

    pub fn secret(&self) -> [u8; 4] {
        self.secret
    }

    /// Compares without telling by time how much of the secret is right.
    pub fn has_secret(&self, secret: &[u8]) -> bool {
        let differ = self
            .secret
            .iter()
            .zip(secret)
            .fold(0, |differ, (a, b)| differ | (a ^ b));
        secret.len() == self.secret.len() && differ == 0
    }

    /// Interrupts the running statement, or its owner's wait; nothing if none runs.
    pub fn cancel(&self) {
        self.backend.interrupt(Interrupt::Cancel);
        if let Some(wake) = self.wake() {
            wake();
        }
    }

    /// Ends the session: what runs stops, and an owner that waits for its client is rung.
    pub fn terminate(&self) {
        self.backend.interrupt(Interrupt::Terminate);
        if let Some(wake) = self.wake() {
            wake();
        }
    }

    /// How the owner of the session is rung, by any thread. The first call counts.
    pub(super) fn set_wake(&self, wake: Wake) {
        let _ = self.wake.set(wake);
    }

    pub(super) fn wake(&self) -> Option<&Wake> {
        self.wake.get()
    }

    /// The cursors and statements that the session has under names.
    pub fn holdings(&self) -> MutexGuard<'_, Holdings> {
        self.holdings.lock()
    }

    pub fn activity(&self) -> Activity {
        self.activity.lock().clone()
    }

    pub fn change(&self, change: impl FnOnce(&mut Activity)) {
        change(&mut self.activity.lock());
    }
}
