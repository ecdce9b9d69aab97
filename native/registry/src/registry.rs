//! The parts together, as an engine has them.

use std::sync::Arc;

use common::Result;
use common::vfs::Vfs;

use crate::limiter::Limiter;

/// One of each part. Shared by the threads of a process that use one engine.
#[derive(Debug)]
pub struct Registry {
    limiter: Arc<Limiter>,
}

impl Registry {
    /// With what the data directory keeps of the parts.
    pub fn open(vfs: &Arc<dyn Vfs>) -> Result<Self> {
        Ok(Self {
            limiter: Arc::new(Limiter::open(vfs)?),
        })
    }

    /// Who may go on, and who must wait.
    pub fn limiter(&self) -> &Arc<Limiter> {
        &self.limiter
    }

    /// Keeps what the parts have to keep. To be called last.
    pub fn close(&self) -> Result<()> {
        self.limiter.close()
    }
}
