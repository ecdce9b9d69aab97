//! The modes of locks and which exclude each other.

/// PostgreSQL's eight table-level modes, weakest first. Rows and advisory locks use some of them:
/// see [`RowLockMode`]; a shared advisory lock is `Share`, an exclusive one `Exclusive`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum LockMode {
    AccessShare = 1,
    RowShare = 2,
    RowExclusive = 3,
    ShareUpdateExclusive = 4,
    Share = 5,
    ShareRowExclusive = 6,
    Exclusive = 7,
    AccessExclusive = 8,
}

/// The strengths of `SELECT ... FOR`, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum RowLockMode {
    KeyShare,
    Share,
    NoKeyUpdate,
    Update,
}

use LockMode::*;

/// By mode: bit `n` is set when mode `n` conflicts (PostgreSQL's `LockConflicts`).
const CONFLICTS: [u16; 9] = [
    0,
    bits(&[AccessExclusive]),
    bits(&[Exclusive, AccessExclusive]),
    bits(&[Share, ShareRowExclusive, Exclusive, AccessExclusive]),
    bits(&[
        ShareUpdateExclusive,
        Share,
        ShareRowExclusive,
        Exclusive,
        AccessExclusive,
    ]),
    bits(&[
        RowExclusive,
        ShareUpdateExclusive,
        ShareRowExclusive,
        Exclusive,
        AccessExclusive,
    ]),
    bits(&[
        RowExclusive,
        ShareUpdateExclusive,
        Share,
        ShareRowExclusive,
        Exclusive,
        AccessExclusive,
    ]),
    bits(&[
        RowShare,
        RowExclusive,
        ShareUpdateExclusive,
        Share,
        ShareRowExclusive,
        Exclusive,
        AccessExclusive,
    ]),
    0b1_1111_1110,
];

const fn bits(modes: &[LockMode]) -> u16 {
    let mut set = 0;
    let mut i = 0;
    while i < modes.len() {
        set |= 1 << modes[i] as u16;
        i += 1;
    }
    set
}

impl LockMode {
    pub const ALL: [Self; 8] = [
        AccessShare,
        RowShare,
        RowExclusive,
        ShareUpdateExclusive,
        Share,
        ShareRowExclusive,
        Exclusive,
        AccessExclusive,
    ];

    #[inline]
    pub const fn conflicts_with(self, other: Self) -> bool {
        CONFLICTS[self as usize] >> other as u16 & 1 != 0
    }

    /// Modes that conflict with no other mode of this group: the fast path's.
    #[inline]
    pub const fn is_weak(self) -> bool {
        (self as u8) < ShareUpdateExclusive as u8
    }

    /// Modes that conflict with weak ones, so must look at the fast path's slots.
    #[inline]
    pub const fn is_strong(self) -> bool {
        self as u8 > ShareUpdateExclusive as u8
    }

    /// The name in `pg_locks` and in messages.
    pub const fn name(self) -> &'static str {
        match self {
            AccessShare => "AccessShareLock",
            RowShare => "RowShareLock",
            RowExclusive => "RowExclusiveLock",
            ShareUpdateExclusive => "ShareUpdateExclusiveLock",
            Share => "ShareLock",
            ShareRowExclusive => "ShareRowExclusiveLock",
            Exclusive => "ExclusiveLock",
            AccessExclusive => "AccessExclusiveLock",
        }
    }
}

impl RowLockMode {
    pub const ALL: [Self; 4] = [Self::KeyShare, Self::Share, Self::NoKeyUpdate, Self::Update];

    /// The table-level mode whose conflicts are the same (PostgreSQL's `tupleLockExtraInfo`).
    #[inline]
    pub const fn as_lock_mode(self) -> LockMode {
        match self {
            Self::KeyShare => AccessShare,
            Self::Share => RowShare,
            Self::NoKeyUpdate => Exclusive,
            Self::Update => AccessExclusive,
        }
    }

    #[inline]
    pub const fn conflicts_with(self, other: Self) -> bool {
        self.as_lock_mode().conflicts_with(other.as_lock_mode())
    }
}
