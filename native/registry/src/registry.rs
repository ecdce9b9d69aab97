//! The parts together, as an engine has them.

use std::sync::Arc;

use common::Result;
use common::vfs::Vfs;

use crate::limiter::Limiter;
use crate::pool::{Pool, PoolOptions};

/// One of each part. Shared by the threads of a process that use one engine.
pub struct Registry {
    pool: Pool,
    limiter: Arc<Limiter>,
}

impl Registry {
    /// With what the data directory keeps of the parts.
    pub fn open(vfs: &Arc<dyn Vfs>) -> Result<Self> {
        let pool = Pool::new(PoolOptions::default());
        Ok(Self {
            pool: pool.expect("the defaults do not contradict each other"),
            limiter: Arc::new(Limiter::open(vfs)?),
        })
    }

    /// Where sessions run.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Who may go on, and who must wait.
    pub fn limiter(&self) -> &Arc<Limiter> {
        &self.limiter
    }

    /// Refuses who waits or comes. Idempotent.
    pub fn close(&self) {
        self.pool.close();
    }
}
