//! The settings that decide how values are read and written as text.

use std::sync::Arc;

use common::Result;
use jiff::tz::TimeZone;

use crate::type_oid::TypeOid;

/// `DateStyle`'s first half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DateFormat {
    #[default]
    Iso,
    Sql,
    Postgres,
    German,
}

/// `DateStyle`'s second half: how an ambiguous date is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DateOrder {
    #[default]
    Mdy,
    Dmy,
    Ymd,
}

/// `IntervalStyle`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum IntervalStyle {
    #[default]
    Postgres,
    PostgresVerbose,
    SqlStandard,
    Iso8601,
}

/// `bytea_output`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ByteaOutput {
    #[default]
    Hex,
    Escape,
}

/// Names of catalogue objects, for regclass, regtype and their kin.
pub trait RegNames: Send + Sync {
    /// The name that `ty`'s output shows; `None` when there is no such object (its number shows).
    fn name_of(&self, ty: TypeOid, oid: u32) -> Option<String>;
    /// The object a name stands for, or PostgreSQL's error that it does not exist.
    fn oid_of(&self, ty: TypeOid, name: &str) -> Result<u32>;
}

/// What text input and output depend on.
#[derive(Clone)]
pub struct TextContext {
    pub time_zone: TimeZone,
    pub date_format: DateFormat,
    pub date_order: DateOrder,
    pub interval_style: IntervalStyle,
    pub bytea_output: ByteaOutput,
    /// Above 0, the shortest digits that read back the same; else 15 (6 for float4) and this many
    /// more.
    pub extra_float_digits: i32,
    /// Start of the transaction, us since 2000-01-01 UTC: what 'now' and 'today' mean.
    pub now_us: i64,
    pub names: Option<Arc<dyn RegNames>>,
}

impl Default for TextContext {
    fn default() -> Self {
        Self {
            time_zone: TimeZone::UTC,
            date_format: DateFormat::Iso,
            date_order: DateOrder::Mdy,
            interval_style: IntervalStyle::Postgres,
            bytea_output: ByteaOutput::Hex,
            extra_float_digits: 1,
            now_us: 0,
            names: None,
        }
    }
}
