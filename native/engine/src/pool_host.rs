//! What the pool asks the engine about who holds its slots: an owner is a session's process number.

use std::sync::{Arc, Weak};

use common::Result;
use registry::pool::{Evidence, PoolHost, PoolOptions};

use crate::engine::Engine;
use crate::session::ActivityState;

struct Host(Weak<Engine>);

impl PoolHost for Host {
    fn evidence(&self, owner: u32) -> Option<Evidence> {
        let activity = self.0.upgrade()?.sessions().get(owner)?.activity();
        let idle_ms = match activity.state {
            ActivityState::Active => 0,
            _ => (common::rt::unix_micros() - activity.state_change_micros).max(0) as u64 / 1000,
        };
        Some(Evidence {
            user: activity.user.to_string(),
            application: activity.application,
            client_address: activity.client_address,
            query: activity.query.as_deref().unwrap_or_default().to_owned(),
            state: activity.state.as_str().to_owned(),
            idle_ms,
        })
    }

    fn reclaim(&self, owner: u32) {
        if let Some(session) = self
            .0
            .upgrade()
            .and_then(|engine| engine.sessions().get(owner))
        {
            session.terminate();
        }
    }
}

impl Engine {
    /// Gives the pool its settings and starts its monitor. 22023 where they contradict each other.
    pub fn configure_pool(self: &Arc<Self>, options: PoolOptions) -> Result<()> {
        let pool = self.registry().pool();
        pool.set_options(options)?;
        pool.start(Arc::new(Host(Arc::downgrade(self))))
    }
}
