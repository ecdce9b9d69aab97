//! What can be locked.

use common::{ObjectId, RowId, Xid};

/// The name of a lock. One table holds all kinds, so one search finds every deadlock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockKey {
    Table(ObjectId),
    /// An object that is not a table: class (its catalog) and number.
    Object {
        class: ObjectId,
        object: ObjectId,
    },
    /// 64 neighbouring rows; the request's bits say which.
    Rows {
        table: ObjectId,
        block: u64,
    },
    /// Held exclusively by the transaction itself while it runs.
    Transaction(Xid),
    Advisory(AdvisoryKey),
}

/// Key of an advisory lock: one 64-bit number or two of 32 bits; the two spaces do not overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AdvisoryKey {
    Big(i64),
    Pair(i32, i32),
}

/// Rows of one block.
const BLOCK_BITS: u32 = 6;

impl LockKey {
    /// The block that the row is in, and the row's bit.
    #[inline]
    pub const fn row(table: ObjectId, row: RowId) -> (Self, u64) {
        let block = row.0 >> BLOCK_BITS;
        (Self::Rows { table, block }, 1 << (row.0 % 64))
    }

    /// The row that `bit` (one bit) stands for; None for other kinds.
    pub const fn row_of(self, bit: u64) -> Option<(ObjectId, RowId)> {
        match self {
            Self::Rows { table, block } => {
                let row = block << BLOCK_BITS | bit.trailing_zeros() as u64;
                Some((table, RowId(row)))
            }
            _ => None,
        }
    }

    /// A well-mixed hash (the finaliser of MurmurHash3 over the parts).
    #[inline]
    pub fn mixed(self) -> u64 {
        let (kind, high, low) = match self {
            Self::Table(table) => (0u64, 0, u64::from(table.0)),
            Self::Object { class, object } => (1, u64::from(class.0), u64::from(object.0)),
            Self::Rows { table, block } => (2, u64::from(table.0), block),
            Self::Transaction(xid) => (3, 0, xid.0),
            Self::Advisory(AdvisoryKey::Big(key)) => (4, 0, key as u64),
            Self::Advisory(AdvisoryKey::Pair(a, b)) => (5, a as u32 as u64, b as u32 as u64),
        };
        let x = low ^ high.rotate_left(40) ^ kind << 61;
        let x = (x ^ x >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
        let x = (x ^ x >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        x ^ x >> 33
    }

    /// As PostgreSQL names it in messages; `bits` picks the row.
    pub fn describe(self, bits: u64, database: ObjectId) -> String {
        match self {
            Self::Table(table) => format!("relation {table} of database {database}"),
            Self::Object { class, object } => {
                format!("object {object} of class {class} of database {database}")
            }
            Self::Rows { table, block } => {
                let row = block << BLOCK_BITS | u64::from(bits.trailing_zeros() % 64);
                let (page, item) = (row >> 16, row & 0xffff);
                format!("tuple ({page},{item}) of relation {table} of database {database}")
            }
            Self::Transaction(xid) => format!("transaction {xid}"),
            Self::Advisory(AdvisoryKey::Big(key)) => {
                let (high, low) = ((key as u64) >> 32, key as u32);
                format!("advisory lock [{database},{high},{low},1]")
            }
            Self::Advisory(AdvisoryKey::Pair(a, b)) => {
                let (a, b) = (a as u32, b as u32);
                format!("advisory lock [{database},{a},{b},2]")
            }
        }
    }
}
