//! What ANALYZE found out about a table.

use crate::stored::stored;
use common::ObjectId;

stored! {
    /// Statistics of one column (`pg_stats`). Values are in the type's text form.
    pub struct ColumnStatistics {
        pub attnum: i16,
        pub null_fraction: f64,
        /// Mean stored size, in bytes.
        pub width_bytes: u32,
        /// Positive: a count; negative: minus the fraction of the rows (`n_distinct`); 0: unknown.
        pub distinct: f64,
        pub most_common: Vec<String>,
        /// Frequency of each of `most_common`, descending.
        pub most_common_frequencies: Vec<f64>,
        /// Bounds of buckets of equal population, the most common values left out.
        pub histogram: Vec<String>,
        /// Of the physical order with the logical one, -1 to 1.
        pub correlation: f64,
    }
}

stored! {
    /// Statistics of a table or index; their oid in the catalog's rows is the relation's own.
    pub struct Statistics {
        pub relation: ObjectId,
        /// `reltuples`; -1: never counted.
        pub rows: f64,
        /// `relpages`.
        pub pages: u32,
        pub columns: Vec<ColumnStatistics>,
    }
}

impl Statistics {
    pub fn column(&self, attnum: i16) -> Option<&ColumnStatistics> {
        self.columns.iter().find(|c| c.attnum == attnum)
    }
}

stored! {
    /// A comment (`pg_description`).
    pub struct Comment {
        /// The row's own oid.
        pub oid: ObjectId,
        /// The commented object.
        pub object: ObjectId,
        /// A column's number, or 0.
        pub sub: i16,
        pub text: String,
    }
}
