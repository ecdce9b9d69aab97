//! Identifiers that cross crate borders. Plain integers with a name, ordered and hashable.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
        #[repr(transparent)]
        pub struct $name(pub $inner);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A file below `data/` or `undo/`; numbers are never reused.
    FileId(u32)
);
id!(
    /// A page within its file, counted from 0.
    PageNo(u32)
);
id!(
    /// A byte position in the log; 0 means none.
    Lsn(u64)
);
id!(
    /// A writing transaction, 48 bits, never reused; 0 means none.
    Xid(u64)
);
id!(
    /// A row of a table, 48 bits, ascending in order of insertion, never reused; 0 means none.
    RowId(u64)
);
id!(
    /// The position of a command within its transaction, counted from 0.
    CommandId(u32)
);
id!(
    /// An object of the catalog (PostgreSQL's `oid`).
    ObjectId(u32)
);

/// One page of one file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct PageId {
    pub file: FileId,
    pub no: PageNo,
}

impl PageId {
    pub const fn new(file: u32, no: u32) -> Self {
        Self {
            file: FileId(file),
            no: PageNo(no),
        }
    }

    /// File in the high 32 bits, page number in the low ones.
    pub const fn to_u64(self) -> u64 {
        (self.file.0 as u64) << 32 | self.no.0 as u64
    }

    pub const fn from_u64(value: u64) -> Self {
        Self::new((value >> 32) as u32, value as u32)
    }
}

impl std::fmt::Display for PageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "page {} of file {}", self.no, self.file)
    }
}
