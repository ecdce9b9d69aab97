//! The time of day with a fixed offset.

use std::cmp::Ordering;

use super::interval::US_PER_SECOND;

/// Microseconds of the local day and the offset in seconds west of Greenwich, as PostgreSQL's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeTz {
    pub us: i64,
    pub zone_s: i32,
}

impl TimeTz {
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        let bits = u128::from_le_bytes(bytes);
        Self {
            us: bits as i64,
            zone_s: (bits >> 64) as i32,
        }
    }

    pub fn to_bytes(self) -> [u8; 16] {
        (u128::from(self.us as u64) | u128::from(self.zone_s as u32) << 64).to_le_bytes()
    }

    /// The moment in UTC, which may lie outside the day.
    pub fn utc_us(self) -> i64 {
        self.us + i64::from(self.zone_s) * US_PER_SECOND
    }

    pub fn from_utc(utc_us: i64, zone_s: i32) -> Self {
        Self {
            us: utc_us - i64::from(zone_s) * US_PER_SECOND,
            zone_s,
        }
    }

    /// By the moment in UTC, then by offset.
    pub fn compare(self, other: Self) -> Ordering {
        self.utc_us()
            .cmp(&other.utc_us())
            .then(self.zone_s.cmp(&other.zone_s))
    }
}
