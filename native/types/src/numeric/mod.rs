//! Exact decimal numbers, as PostgreSQL's `numeric`.
//!
//! A finite value is `coefficient / 10^scale`; the scale is the display scale, which arithmetic
//! carries by PostgreSQL's rules. Coefficients that fit an i128 never touch a big integer.
//! Stored form: two bytes of header (little-endian; scale in 14 bits, or 0xC000 NaN, 0xC001
//! infinity, 0xC002 minus infinity), then the coefficient in two's complement, little-endian, in as
//! few bytes as hold it. Equal values of different scale have different bytes: compare by value.

mod arith;
mod convert;
mod decimal;
mod divide;
mod encoding;
mod math;
mod plain;
mod text;

pub use decimal::Numeric;
pub use encoding::NumericBytes;
