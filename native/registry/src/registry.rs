//! The parts together, as an engine has them.

/// One of each part. Shared by the threads of a process that use one engine.
#[derive(Debug, Default)]
pub struct Registry {}

impl Registry {
    pub fn new() -> Self {
        Self::default()
    }
}
