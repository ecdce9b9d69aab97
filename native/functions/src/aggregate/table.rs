//! The aggregates' signatures and states.

use types::TypeOid;

use super::average::{AvgInteger, AvgInterval, AvgNumeric};
use super::bits::{And2, And4, And8, BoolAnd, BoolOr, Or2, Or4, Or8, Xor2, Xor4, Xor8};
use super::collect::{Arrays, Elements, Joined};
use super::count::Counts;
use super::extreme::{Extreme, PlainExtreme};
use super::fold::Folds;
use super::json::{JsonArray, JsonObject, JsonbArray, JsonbObject};
use super::moments::{
    AVG, Decimal, Exact, FloatMoment, NumericMoments, STDDEV_POP, STDDEV_SAMP, VAR_POP, VAR_SAMP,
};
use super::ordered_set::{Mode, Percentile};
use super::regression::{
    AvgX, AvgY, Corr, CovarPop, CovarSamp, Intercept, R2, Regression, Slope, Sxx, Sxy, Syy,
};
use super::sum::{SumFloat4, SumFloat8, SumInterval, SumNumeric, SumToBigint, SumToNumeric};
use crate::AggregateDef;

/// Number, name, types, whether rows with a NULL are passed over, and the states; of ordered-set
/// aggregates also how many arguments are given once.
macro_rules! agg {
    ($oid:literal, $name:literal, [$($arg:ident),*] -> $ret:ident, $strict:ident, $states:ty
     $(, direct $direct:literal)?) => {
        AggregateDef {
            oid: $oid,
            name: $name,
            args: &[$(TypeOid::$arg),*],
            variadic: None,
            direct_args: agg!(@direct $($direct)?),
            ret: TypeOid::$ret,
            strict: agg!(@$strict),
            start: |_| <$states>::boxed(),
        }
    };
    (@direct) => { None };
    (@direct $direct:literal) => { Some($direct) };
    (@strict) => { true };
    (@lax) => { false };
}

#[rustfmt::skip]
pub(crate) static AGGREGATES: &[AggregateDef] = &[
    agg!(2803, "count", [] -> INT8, strict, Counts),
    agg!(2147, "count", [ANY] -> INT8, strict, Counts),
    agg!(2109, "sum", [INT2] -> INT8, strict, Folds::<SumToBigint<i16>>),
    agg!(2108, "sum", [INT4] -> INT8, strict, Folds::<SumToBigint<i32>>),
    agg!(2107, "sum", [INT8] -> NUMERIC, strict, Folds::<SumToNumeric>),
    agg!(2110, "sum", [FLOAT4] -> FLOAT4, strict, Folds::<SumFloat4>),
    agg!(2111, "sum", [FLOAT8] -> FLOAT8, strict, Folds::<SumFloat8>),
    agg!(2114, "sum", [NUMERIC] -> NUMERIC, strict, Folds::<SumNumeric>),
    agg!(2113, "sum", [INTERVAL] -> INTERVAL, strict, Folds::<SumInterval>),
    agg!(2102, "avg", [INT2] -> NUMERIC, strict, Folds::<AvgInteger<i16>>),
    agg!(2101, "avg", [INT4] -> NUMERIC, strict, Folds::<AvgInteger<i32>>),
    agg!(2100, "avg", [INT8] -> NUMERIC, strict, Folds::<AvgInteger<i64>>),
    agg!(2103, "avg", [NUMERIC] -> NUMERIC, strict, Folds::<AvgNumeric>),
    agg!(2104, "avg", [FLOAT4] -> FLOAT8, strict, Folds::<FloatMoment<f32, AVG>>),
    agg!(2105, "avg", [FLOAT8] -> FLOAT8, strict, Folds::<FloatMoment<f64, AVG>>),
    agg!(2106, "avg", [INTERVAL] -> INTERVAL, strict, Folds::<AvgInterval>),
    agg!(2117, "max", [INT2] -> INT2, strict, Folds::<PlainExtreme<i16, true>>),
    agg!(2116, "max", [INT4] -> INT4, strict, Folds::<PlainExtreme<i32, true>>),
    agg!(2115, "max", [INT8] -> INT8, strict, Folds::<PlainExtreme<i64, true>>),
    agg!(2122, "max", [DATE] -> DATE, strict, Folds::<PlainExtreme<i32, true>>),
    agg!(2123, "max", [TIME] -> TIME, strict, Folds::<PlainExtreme<i64, true>>),
    agg!(2126, "max", [TIMESTAMP] -> TIMESTAMP, strict, Folds::<PlainExtreme<i64, true>>),
    agg!(2127, "max", [TIMESTAMPTZ] -> TIMESTAMPTZ, strict, Folds::<PlainExtreme<i64, true>>),
    agg!(2118, "max", [OID] -> OID, strict, Folds::<Extreme<true>>),
    agg!(2119, "max", [FLOAT4] -> FLOAT4, strict, Folds::<Extreme<true>>),
    agg!(2120, "max", [FLOAT8] -> FLOAT8, strict, Folds::<Extreme<true>>),
    agg!(2124, "max", [TIMETZ] -> TIMETZ, strict, Folds::<Extreme<true>>),
    agg!(2128, "max", [INTERVAL] -> INTERVAL, strict, Folds::<Extreme<true>>),
    agg!(2129, "max", [TEXT] -> TEXT, strict, Folds::<Extreme<true>>),
    agg!(2130, "max", [NUMERIC] -> NUMERIC, strict, Folds::<Extreme<true>>),
    agg!(2244, "max", [BPCHAR] -> BPCHAR, strict, Folds::<Extreme<true>>),
    agg!(2050, "max", [ANYARRAY] -> ANYARRAY, strict, Folds::<Extreme<true>>),
    agg!(3526, "max", [ANYENUM] -> ANYENUM, strict, Folds::<Extreme<true>>),
    agg!(2797, "max", [TID] -> TID, strict, Folds::<Extreme<true>>),
    agg!(4189, "max", [PG_LSN] -> PG_LSN, strict, Folds::<Extreme<true>>),
    agg!(5099, "max", [XID8] -> XID8, strict, Folds::<Extreme<true>>),
    agg!(2133, "min", [INT2] -> INT2, strict, Folds::<PlainExtreme<i16, false>>),
    agg!(2132, "min", [INT4] -> INT4, strict, Folds::<PlainExtreme<i32, false>>),
    agg!(2131, "min", [INT8] -> INT8, strict, Folds::<PlainExtreme<i64, false>>),
    agg!(2138, "min", [DATE] -> DATE, strict, Folds::<PlainExtreme<i32, false>>),
    agg!(2139, "min", [TIME] -> TIME, strict, Folds::<PlainExtreme<i64, false>>),
    agg!(2142, "min", [TIMESTAMP] -> TIMESTAMP, strict, Folds::<PlainExtreme<i64, false>>),
    agg!(2143, "min", [TIMESTAMPTZ] -> TIMESTAMPTZ, strict, Folds::<PlainExtreme<i64, false>>),
    agg!(2134, "min", [OID] -> OID, strict, Folds::<Extreme<false>>),
    agg!(2135, "min", [FLOAT4] -> FLOAT4, strict, Folds::<Extreme<false>>),
    agg!(2136, "min", [FLOAT8] -> FLOAT8, strict, Folds::<Extreme<false>>),
    agg!(2140, "min", [TIMETZ] -> TIMETZ, strict, Folds::<Extreme<false>>),
    agg!(2144, "min", [INTERVAL] -> INTERVAL, strict, Folds::<Extreme<false>>),
    agg!(2145, "min", [TEXT] -> TEXT, strict, Folds::<Extreme<false>>),
    agg!(2146, "min", [NUMERIC] -> NUMERIC, strict, Folds::<Extreme<false>>),
    agg!(2245, "min", [BPCHAR] -> BPCHAR, strict, Folds::<Extreme<false>>),
    agg!(2051, "min", [ANYARRAY] -> ANYARRAY, strict, Folds::<Extreme<false>>),
    agg!(3527, "min", [ANYENUM] -> ANYENUM, strict, Folds::<Extreme<false>>),
    agg!(2798, "min", [TID] -> TID, strict, Folds::<Extreme<false>>),
    agg!(4190, "min", [PG_LSN] -> PG_LSN, strict, Folds::<Extreme<false>>),
    agg!(5100, "min", [XID8] -> XID8, strict, Folds::<Extreme<false>>),
    agg!(2236, "bit_and", [INT2] -> INT2, strict, Folds::<And2>),
    agg!(2238, "bit_and", [INT4] -> INT4, strict, Folds::<And4>),
    agg!(2240, "bit_and", [INT8] -> INT8, strict, Folds::<And8>),
    agg!(2237, "bit_or", [INT2] -> INT2, strict, Folds::<Or2>),
    agg!(2239, "bit_or", [INT4] -> INT4, strict, Folds::<Or4>),
    agg!(2241, "bit_or", [INT8] -> INT8, strict, Folds::<Or8>),
    agg!(6164, "bit_xor", [INT2] -> INT2, strict, Folds::<Xor2>),
    agg!(6165, "bit_xor", [INT4] -> INT4, strict, Folds::<Xor4>),
    agg!(6166, "bit_xor", [INT8] -> INT8, strict, Folds::<Xor8>),
    agg!(2517, "bool_and", [BOOL] -> BOOL, strict, Folds::<BoolAnd>),
    agg!(2519, "every", [BOOL] -> BOOL, strict, Folds::<BoolAnd>),
    agg!(2518, "bool_or", [BOOL] -> BOOL, strict, Folds::<BoolOr>),
    agg!(2156, "stddev", [INT2] -> NUMERIC, strict, Folds::<NumericMoments<Exact<i16>, true, true>>),
    agg!(2155, "stddev", [INT4] -> NUMERIC, strict, Folds::<NumericMoments<Exact<i32>, true, true>>),
    agg!(2154, "stddev", [INT8] -> NUMERIC, strict, Folds::<NumericMoments<Exact<i64>, true, true>>),
    agg!(2159, "stddev", [NUMERIC] -> NUMERIC, strict, Folds::<NumericMoments<Decimal, true, true>>),
    agg!(2157, "stddev", [FLOAT4] -> FLOAT8, strict, Folds::<FloatMoment<f32, STDDEV_SAMP>>),
    agg!(2158, "stddev", [FLOAT8] -> FLOAT8, strict, Folds::<FloatMoment<f64, STDDEV_SAMP>>),
    agg!(2714, "stddev_samp", [INT2] -> NUMERIC, strict, Folds::<NumericMoments<Exact<i16>, true, true>>),
    agg!(2713, "stddev_samp", [INT4] -> NUMERIC, strict, Folds::<NumericMoments<Exact<i32>, true, true>>),
    agg!(2712, "stddev_samp", [INT8] -> NUMERIC, strict, Folds::<NumericMoments<Exact<i64>, true, true>>),
    agg!(2717, "stddev_samp", [NUMERIC] -> NUMERIC, strict, Folds::<NumericMoments<Decimal, true, true>>),
    agg!(2715, "stddev_samp", [FLOAT4] -> FLOAT8, strict, Folds::<FloatMoment<f32, STDDEV_SAMP>>),
    agg!(2716, "stddev_samp", [FLOAT8] -> FLOAT8, strict, Folds::<FloatMoment<f64, STDDEV_SAMP>>),
    agg!(2726, "stddev_pop", [INT2] -> NUMERIC, strict, Folds::<NumericMoments<Exact<i16>, true, false>>),
    agg!(2725, "stddev_pop", [INT4] -> NUMERIC, strict, Folds::<NumericMoments<Exact<i32>, true, false>>),
    agg!(2724, "stddev_pop", [INT8] -> NUMERIC, strict, Folds::<NumericMoments<Exact<i64>, true, false>>),
    agg!(2729, "stddev_pop", [NUMERIC] -> NUMERIC, strict, Folds::<NumericMoments<Decimal, true, false>>),
    agg!(2727, "stddev_pop", [FLOAT4] -> FLOAT8, strict, Folds::<FloatMoment<f32, STDDEV_POP>>),
    agg!(2728, "stddev_pop", [FLOAT8] -> FLOAT8, strict, Folds::<FloatMoment<f64, STDDEV_POP>>),
    agg!(2150, "variance", [INT2] -> NUMERIC, strict, Folds::<NumericMoments<Exact<i16>, false, true>>),
    agg!(2149, "variance", [INT4] -> NUMERIC, strict, Folds::<NumericMoments<Exact<i32>, false, true>>),
    agg!(2148, "variance", [INT8] -> NUMERIC, strict, Folds::<NumericMoments<Exact<i64>, false, true>>),
    agg!(2153, "variance", [NUMERIC] -> NUMERIC, strict, Folds::<NumericMoments<Decimal, false, true>>),
    agg!(2151, "variance", [FLOAT4] -> FLOAT8, strict, Folds::<FloatMoment<f32, VAR_SAMP>>),
    agg!(2152, "variance", [FLOAT8] -> FLOAT8, strict, Folds::<FloatMoment<f64, VAR_SAMP>>),
    agg!(2643, "var_samp", [INT2] -> NUMERIC, strict, Folds::<NumericMoments<Exact<i16>, false, true>>),
    agg!(2642, "var_samp", [INT4] -> NUMERIC, strict, Folds::<NumericMoments<Exact<i32>, false, true>>),
    agg!(2641, "var_samp", [INT8] -> NUMERIC, strict, Folds::<NumericMoments<Exact<i64>, false, true>>),
    agg!(2646, "var_samp", [NUMERIC] -> NUMERIC, strict, Folds::<NumericMoments<Decimal, false, true>>),
    agg!(2644, "var_samp", [FLOAT4] -> FLOAT8, strict, Folds::<FloatMoment<f32, VAR_SAMP>>),
    agg!(2645, "var_samp", [FLOAT8] -> FLOAT8, strict, Folds::<FloatMoment<f64, VAR_SAMP>>),
    agg!(2720, "var_pop", [INT2] -> NUMERIC, strict, Folds::<NumericMoments<Exact<i16>, false, false>>),
    agg!(2719, "var_pop", [INT4] -> NUMERIC, strict, Folds::<NumericMoments<Exact<i32>, false, false>>),
    agg!(2718, "var_pop", [INT8] -> NUMERIC, strict, Folds::<NumericMoments<Exact<i64>, false, false>>),
    agg!(2723, "var_pop", [NUMERIC] -> NUMERIC, strict, Folds::<NumericMoments<Decimal, false, false>>),
    agg!(2721, "var_pop", [FLOAT4] -> FLOAT8, strict, Folds::<FloatMoment<f32, VAR_POP>>),
    agg!(2722, "var_pop", [FLOAT8] -> FLOAT8, strict, Folds::<FloatMoment<f64, VAR_POP>>),
    agg!(2818, "regr_count", [FLOAT8, FLOAT8] -> INT8, strict, Counts),
    agg!(2819, "regr_sxx", [FLOAT8, FLOAT8] -> FLOAT8, strict, Folds::<Regression<Sxx>>),
    agg!(2820, "regr_syy", [FLOAT8, FLOAT8] -> FLOAT8, strict, Folds::<Regression<Syy>>),
    agg!(2821, "regr_sxy", [FLOAT8, FLOAT8] -> FLOAT8, strict, Folds::<Regression<Sxy>>),
    agg!(2822, "regr_avgx", [FLOAT8, FLOAT8] -> FLOAT8, strict, Folds::<Regression<AvgX>>),
    agg!(2823, "regr_avgy", [FLOAT8, FLOAT8] -> FLOAT8, strict, Folds::<Regression<AvgY>>),
    agg!(2827, "covar_pop", [FLOAT8, FLOAT8] -> FLOAT8, strict, Folds::<Regression<CovarPop>>),
    agg!(2828, "covar_samp", [FLOAT8, FLOAT8] -> FLOAT8, strict, Folds::<Regression<CovarSamp>>),
    agg!(2829, "corr", [FLOAT8, FLOAT8] -> FLOAT8, strict, Folds::<Regression<Corr>>),
    agg!(2824, "regr_r2", [FLOAT8, FLOAT8] -> FLOAT8, strict, Folds::<Regression<R2>>),
    agg!(2825, "regr_slope", [FLOAT8, FLOAT8] -> FLOAT8, strict, Folds::<Regression<Slope>>),
    agg!(2826, "regr_intercept", [FLOAT8, FLOAT8] -> FLOAT8, strict, Folds::<Regression<Intercept>>),
    agg!(3538, "string_agg", [TEXT, TEXT] -> TEXT, lax, Folds::<Joined>),
    agg!(3545, "string_agg", [BYTEA, BYTEA] -> BYTEA, lax, Folds::<Joined>),
    agg!(2335, "array_agg", [ANYNONARRAY] -> ANYARRAY, lax, Folds::<Elements>),
    agg!(4053, "array_agg", [ANYARRAY] -> ANYARRAY, lax, Folds::<Arrays>),
    agg!(3974, "percentile_cont", [FLOAT8, FLOAT8] -> FLOAT8, strict, Folds::<Percentile<true>>, direct 1),
    agg!(3980, "percentile_cont", [FLOAT8_ARRAY, FLOAT8] -> FLOAT8_ARRAY, strict, Folds::<Percentile<true>>, direct 1),
    agg!(3976, "percentile_cont", [FLOAT8, INTERVAL] -> INTERVAL, strict, Folds::<Percentile<true>>, direct 1),
    agg!(3982, "percentile_cont", [FLOAT8_ARRAY, INTERVAL] -> INTERVAL_ARRAY, strict, Folds::<Percentile<true>>, direct 1),
    agg!(3972, "percentile_disc", [FLOAT8, ANYELEMENT] -> ANYELEMENT, strict, Folds::<Percentile<false>>, direct 1),
    agg!(3978, "percentile_disc", [FLOAT8_ARRAY, ANYELEMENT] -> ANYARRAY, strict, Folds::<Percentile<false>>, direct 1),
    agg!(3984, "mode", [ANYELEMENT] -> ANYELEMENT, strict, Folds::<Mode>, direct 0),
    agg!(3175, "json_agg", [ANYELEMENT] -> JSON, lax, Folds::<JsonArray>),
    agg!(3267, "jsonb_agg", [ANYELEMENT] -> JSONB, lax, Folds::<JsonbArray>),
    agg!(3197, "json_object_agg", [ANY, ANY] -> JSON, lax, Folds::<JsonObject>),
    agg!(3270, "jsonb_object_agg", [ANY, ANY] -> JSONB, lax, Folds::<JsonbObject>),
];
