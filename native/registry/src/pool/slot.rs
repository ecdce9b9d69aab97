//! One place in which a session runs.

/// Where a slot stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SlotState {
    Idle,
    Active,
    /// What is in it is checked before it is given out.
    Validating,
    /// What is in it is being made clean, or new.
    Recycling,
    /// What will be in it is being made.
    Creating,
    #[default]
    Closed,
}

impl SlotState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Active => "active",
            Self::Validating => "validating",
            Self::Recycling => "recycling",
            Self::Creating => "creating",
            Self::Closed => "closed",
        }
    }

    /// Whether a slot may go from here to there.
    pub fn may_become(self, next: Self) -> bool {
        use SlotState::{Active, Closed, Creating, Idle, Recycling, Validating};
        matches!(
            (self, next),
            (Idle, Active | Validating | Recycling | Closed)
                | (Active, Idle | Validating | Recycling | Closed)
                | (Validating, Idle | Active | Recycling | Closed)
                | (Recycling, Idle | Closed)
                | (Creating, Idle | Closed)
                | (Closed, Creating)
        )
    }
}

/// A slot and who has it.
#[derive(Clone, Debug, Default)]
pub struct Slot {
    state: SlotState,
    /// Of the claim; 0 for nobody.
    pub owner: u32,
    pub partition: u32,
    /// When it was made, and when it last changed hands.
    pub created_ns: u64,
    pub since_ns: u64,
    /// How often it was given out.
    pub uses: u64,
    /// After this it is made anew; 0 for never.
    pub expires_ns: u64,
    /// The one who holds it has been reported, and told to end.
    pub is_reported: bool,
    pub is_reclaimed: bool,
}

impl Slot {
    /// A closed one.
    pub fn new(created_ns: u64, expires_ns: u64) -> Self {
        Self {
            created_ns,
            since_ns: created_ns,
            expires_ns,
            ..Self::default()
        }
    }

    pub fn state(&self) -> SlotState {
        self.state
    }

    /// Changes the state; a move that is not legal is a fault of the pool.
    pub fn become_state(&mut self, next: SlotState) {
        let from = self.state;
        assert!(
            from.may_become(next),
            "a slot went from {from:?} to {next:?}"
        );
        self.state = next;
    }
}
