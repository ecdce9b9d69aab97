//! Arithmetic and bits of smallint, integer and bigint; every overflow is 22003 (int.c, int8.c).

use common::Result;

use crate::errors::{division_by_zero, out_of_range};
use crate::{FunctionDef, def};

/// The name of each integer type in messages.
trait Integer: Sized {
    const NAME: &'static str;

    fn fit(value: Option<Self>) -> Result<Self> {
        value.ok_or_else(|| out_of_range(Self::NAME))
    }
}

impl Integer for i16 {
    const NAME: &'static str = "smallint";
}

impl Integer for i32 {
    const NAME: &'static str = "integer";
}

impl Integer for i64 {
    const NAME: &'static str = "bigint";
}

macro_rules! divide {
    ($a:expr, $b:expr, $t:ty) => {
        if $b == 0 {
            Err(division_by_zero())
        } else {
            <$t>::fit($a.checked_div($b))
        }
    };
}

/// The smallest value modulo -1 is 0, which the processor's division would trap on.
macro_rules! modulo {
    ($a:expr, $b:expr) => {
        if $b == 0 {
            Err(division_by_zero())
        } else {
            Ok($a.wrapping_rem($b))
        }
    };
}

/// Greatest common divisor by Euclid, of magnitudes.
fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn lcm(a: i64, b: i64) -> Option<u64> {
    match gcd(a.unsigned_abs(), b.unsigned_abs()) {
        0 => Some(0),
        gcd => (a.unsigned_abs() / gcd).checked_mul(b.unsigned_abs()),
    }
}

/// Shifts take their count modulo the width, as the machine does.
pub static FUNCTIONS: &[FunctionDef] = &[
    def!(176, "int2pl", [INT2, INT2] -> INT2, Immutable, |a: i16, b: i16| i16::fit(a.checked_add(b)) => i16),
    def!(180, "int2mi", [INT2, INT2] -> INT2, Immutable, |a: i16, b: i16| i16::fit(a.checked_sub(b)) => i16),
    def!(152, "int2mul", [INT2, INT2] -> INT2, Immutable, |a: i16, b: i16| i16::fit(a.checked_mul(b)) => i16),
    def!(153, "int2div", [INT2, INT2] -> INT2, Immutable, |a: i16, b: i16| divide!(a, b, i16) => i16),
    def!(155, "int2mod", [INT2, INT2] -> INT2, Immutable, |a: i16, b: i16| modulo!(a, b) => i16),
    def!(940, "mod", [INT2, INT2] -> INT2, Immutable, |a: i16, b: i16| modulo!(a, b) => i16),
    def!(213, "int2um", [INT2] -> INT2, Immutable, |a: i16| i16::fit(a.checked_neg()) => i16),
    def!(1911, "int2up", [INT2] -> INT2, Immutable, |a: i16| a => i16),
    def!(1253, "int2abs", [INT2] -> INT2, Immutable, |a: i16| i16::fit(a.checked_abs()) => i16),
    def!(1398, "abs", [INT2] -> INT2, Immutable, |a: i16| i16::fit(a.checked_abs()) => i16),
    def!(1892, "int2and", [INT2, INT2] -> INT2, Immutable, |a: i16, b: i16| a & b => i16),
    def!(1893, "int2or", [INT2, INT2] -> INT2, Immutable, |a: i16, b: i16| a | b => i16),
    def!(1894, "int2xor", [INT2, INT2] -> INT2, Immutable, |a: i16, b: i16| a ^ b => i16),
    def!(1895, "int2not", [INT2] -> INT2, Immutable, |a: i16| !a => i16),
    def!(1896, "int2shl", [INT2, INT4] -> INT2, Immutable, |a: i16, b: i32| i32::from(a).wrapping_shl(b as u32) as i16 => i16),
    def!(1897, "int2shr", [INT2, INT4] -> INT2, Immutable, |a: i16, b: i32| i32::from(a).wrapping_shr(b as u32) as i16 => i16),
    def!(178, "int24pl", [INT2, INT4] -> INT4, Immutable, |a: i16, b: i32| i32::fit(i32::from(a).checked_add(b)) => i32),
    def!(179, "int42pl", [INT4, INT2] -> INT4, Immutable, |a: i32, b: i16| i32::fit(a.checked_add(b.into())) => i32),
    def!(182, "int24mi", [INT2, INT4] -> INT4, Immutable, |a: i16, b: i32| i32::fit(i32::from(a).checked_sub(b)) => i32),
    def!(183, "int42mi", [INT4, INT2] -> INT4, Immutable, |a: i32, b: i16| i32::fit(a.checked_sub(b.into())) => i32),
    def!(170, "int24mul", [INT2, INT4] -> INT4, Immutable, |a: i16, b: i32| i32::fit(i32::from(a).checked_mul(b)) => i32),
    def!(171, "int42mul", [INT4, INT2] -> INT4, Immutable, |a: i32, b: i16| i32::fit(a.checked_mul(b.into())) => i32),
    def!(172, "int24div", [INT2, INT4] -> INT4, Immutable, |a: i16, b: i32| divide!(i32::from(a), b, i32) => i32),
    def!(173, "int42div", [INT4, INT2] -> INT4, Immutable, |a: i32, b: i16| divide!(a, i32::from(b), i32) => i32),
    def!(177, "int4pl", [INT4, INT4] -> INT4, Immutable, |a: i32, b: i32| i32::fit(a.checked_add(b)) => i32),
    def!(181, "int4mi", [INT4, INT4] -> INT4, Immutable, |a: i32, b: i32| i32::fit(a.checked_sub(b)) => i32),
    def!(141, "int4mul", [INT4, INT4] -> INT4, Immutable, |a: i32, b: i32| i32::fit(a.checked_mul(b)) => i32),
    def!(154, "int4div", [INT4, INT4] -> INT4, Immutable, |a: i32, b: i32| divide!(a, b, i32) => i32),
    def!(156, "int4mod", [INT4, INT4] -> INT4, Immutable, |a: i32, b: i32| modulo!(a, b) => i32),
    def!(941, "mod", [INT4, INT4] -> INT4, Immutable, |a: i32, b: i32| modulo!(a, b) => i32),
    def!(212, "int4um", [INT4] -> INT4, Immutable, |a: i32| i32::fit(a.checked_neg()) => i32),
    def!(1912, "int4up", [INT4] -> INT4, Immutable, |a: i32| a => i32),
    def!(1251, "int4abs", [INT4] -> INT4, Immutable, |a: i32| i32::fit(a.checked_abs()) => i32),
    def!(1397, "abs", [INT4] -> INT4, Immutable, |a: i32| i32::fit(a.checked_abs()) => i32),
    def!(766, "int4inc", [INT4] -> INT4, Immutable, |a: i32| i32::fit(a.checked_add(1)) => i32),
    def!(1898, "int4and", [INT4, INT4] -> INT4, Immutable, |a: i32, b: i32| a & b => i32),
    def!(1899, "int4or", [INT4, INT4] -> INT4, Immutable, |a: i32, b: i32| a | b => i32),
    def!(1900, "int4xor", [INT4, INT4] -> INT4, Immutable, |a: i32, b: i32| a ^ b => i32),
    def!(1901, "int4not", [INT4] -> INT4, Immutable, |a: i32| !a => i32),
    def!(1902, "int4shl", [INT4, INT4] -> INT4, Immutable, |a: i32, b: i32| a.wrapping_shl(b as u32) => i32),
    def!(1903, "int4shr", [INT4, INT4] -> INT4, Immutable, |a: i32, b: i32| a.wrapping_shr(b as u32) => i32),
    def!(5044, "gcd", [INT4, INT4] -> INT4, Immutable, |a: i32, b: i32| i32::fit(i32::try_from(gcd(a.unsigned_abs().into(), b.unsigned_abs().into())).ok()) => i32),
    def!(5046, "lcm", [INT4, INT4] -> INT4, Immutable, |a: i32, b: i32| i32::fit(lcm(a.into(), b.into()).and_then(|v| i32::try_from(v).ok())) => i32),
    def!(1274, "int84pl", [INT8, INT4] -> INT8, Immutable, |a: i64, b: i32| i64::fit(a.checked_add(b.into())) => i64),
    def!(1275, "int84mi", [INT8, INT4] -> INT8, Immutable, |a: i64, b: i32| i64::fit(a.checked_sub(b.into())) => i64),
    def!(1276, "int84mul", [INT8, INT4] -> INT8, Immutable, |a: i64, b: i32| i64::fit(a.checked_mul(b.into())) => i64),
    def!(1277, "int84div", [INT8, INT4] -> INT8, Immutable, |a: i64, b: i32| divide!(a, i64::from(b), i64) => i64),
    def!(1278, "int48pl", [INT4, INT8] -> INT8, Immutable, |a: i32, b: i64| i64::fit(i64::from(a).checked_add(b)) => i64),
    def!(1279, "int48mi", [INT4, INT8] -> INT8, Immutable, |a: i32, b: i64| i64::fit(i64::from(a).checked_sub(b)) => i64),
    def!(1280, "int48mul", [INT4, INT8] -> INT8, Immutable, |a: i32, b: i64| i64::fit(i64::from(a).checked_mul(b)) => i64),
    def!(1281, "int48div", [INT4, INT8] -> INT8, Immutable, |a: i32, b: i64| divide!(i64::from(a), b, i64) => i64),
    def!(837, "int82pl", [INT8, INT2] -> INT8, Immutable, |a: i64, b: i16| i64::fit(a.checked_add(b.into())) => i64),
    def!(838, "int82mi", [INT8, INT2] -> INT8, Immutable, |a: i64, b: i16| i64::fit(a.checked_sub(b.into())) => i64),
    def!(839, "int82mul", [INT8, INT2] -> INT8, Immutable, |a: i64, b: i16| i64::fit(a.checked_mul(b.into())) => i64),
    def!(840, "int82div", [INT8, INT2] -> INT8, Immutable, |a: i64, b: i16| divide!(a, i64::from(b), i64) => i64),
    def!(841, "int28pl", [INT2, INT8] -> INT8, Immutable, |a: i16, b: i64| i64::fit(i64::from(a).checked_add(b)) => i64),
    def!(942, "int28mi", [INT2, INT8] -> INT8, Immutable, |a: i16, b: i64| i64::fit(i64::from(a).checked_sub(b)) => i64),
    def!(943, "int28mul", [INT2, INT8] -> INT8, Immutable, |a: i16, b: i64| i64::fit(i64::from(a).checked_mul(b)) => i64),
    def!(948, "int28div", [INT2, INT8] -> INT8, Immutable, |a: i16, b: i64| divide!(i64::from(a), b, i64) => i64),
    def!(463, "int8pl", [INT8, INT8] -> INT8, Immutable, |a: i64, b: i64| i64::fit(a.checked_add(b)) => i64),
    def!(464, "int8mi", [INT8, INT8] -> INT8, Immutable, |a: i64, b: i64| i64::fit(a.checked_sub(b)) => i64),
    def!(465, "int8mul", [INT8, INT8] -> INT8, Immutable, |a: i64, b: i64| i64::fit(a.checked_mul(b)) => i64),
    def!(466, "int8div", [INT8, INT8] -> INT8, Immutable, |a: i64, b: i64| divide!(a, b, i64) => i64),
    def!(945, "int8mod", [INT8, INT8] -> INT8, Immutable, |a: i64, b: i64| modulo!(a, b) => i64),
    def!(947, "mod", [INT8, INT8] -> INT8, Immutable, |a: i64, b: i64| modulo!(a, b) => i64),
    def!(462, "int8um", [INT8] -> INT8, Immutable, |a: i64| i64::fit(a.checked_neg()) => i64),
    def!(1910, "int8up", [INT8] -> INT8, Immutable, |a: i64| a => i64),
    def!(1230, "int8abs", [INT8] -> INT8, Immutable, |a: i64| i64::fit(a.checked_abs()) => i64),
    def!(1396, "abs", [INT8] -> INT8, Immutable, |a: i64| i64::fit(a.checked_abs()) => i64),
    def!(1219, "int8inc", [INT8] -> INT8, Immutable, |a: i64| i64::fit(a.checked_add(1)) => i64),
    def!(1904, "int8and", [INT8, INT8] -> INT8, Immutable, |a: i64, b: i64| a & b => i64),
    def!(1905, "int8or", [INT8, INT8] -> INT8, Immutable, |a: i64, b: i64| a | b => i64),
    def!(1906, "int8xor", [INT8, INT8] -> INT8, Immutable, |a: i64, b: i64| a ^ b => i64),
    def!(1907, "int8not", [INT8] -> INT8, Immutable, |a: i64| !a => i64),
    def!(1908, "int8shl", [INT8, INT4] -> INT8, Immutable, |a: i64, b: i32| a.wrapping_shl(b as u32) => i64),
    def!(1909, "int8shr", [INT8, INT4] -> INT8, Immutable, |a: i64, b: i32| a.wrapping_shr(b as u32) => i64),
    def!(5045, "gcd", [INT8, INT8] -> INT8, Immutable, |a: i64, b: i64| i64::fit(i64::try_from(gcd(a.unsigned_abs(), b.unsigned_abs())).ok()) => i64),
    def!(5047, "lcm", [INT8, INT8] -> INT8, Immutable, |a: i64, b: i64| i64::fit(lcm(a, b).and_then(|v| i64::try_from(v).ok())) => i64),
];
