//! The parts together, as an engine has them.

use crate::pool::{Pool, PoolOptions};

/// One of each part. Shared by the threads of a process that use one engine.
pub struct Registry {
    pool: Pool,
}

impl Registry {
    pub fn new() -> Self {
        let pool = Pool::new(PoolOptions::default());
        Self {
            pool: pool.expect("the defaults do not contradict each other"),
        }
    }

    /// Where sessions run.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Refuses who waits or comes. Idempotent.
    pub fn close(&self) {
        self.pool.close();
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}
