//! Slots that nobody gives back.

/// What is known of who holds a slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    pub user: String,
    pub application: String,
    pub client_address: String,
    /// The last statement, as far as it is kept.
    pub query: String,
    /// As `pg_stat_activity.state`.
    pub state: String,
    /// How long nothing has come from the client; 0 while a statement runs.
    pub idle_ms: u64,
}

/// A slot that has been held for longer than `leak_detection_threshold_ms`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    pub slot: u32,
    pub owner: u32,
    pub held_ms: u64,
    /// When it was reported, in microseconds since 1970.
    pub reported_micros: i64,
    pub was_reclaimed: bool,
    pub evidence: Evidence,
}
