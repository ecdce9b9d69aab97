//! The window functions' signatures; the executor computes them.

use crate::{WindowDef, WindowKind};

macro_rules! window {
    ($oid:literal, $name:literal, [$($arg:ident),*] -> $ret:ident, $kind:ident) => {
        WindowDef {
            oid: $oid,
            name: $name,
            args: &[$(types::TypeOid::$arg),*],
            ret: types::TypeOid::$ret,
            kind: WindowKind::$kind,
        }
    };
}

#[rustfmt::skip]
pub static WINDOWS: &[WindowDef] = &[
    window!(3100, "row_number", [] -> INT8, RowNumber),
    window!(3101, "rank", [] -> INT8, Rank),
    window!(3102, "dense_rank", [] -> INT8, DenseRank),
    window!(3103, "percent_rank", [] -> FLOAT8, PercentRank),
    window!(3104, "cume_dist", [] -> FLOAT8, CumeDist),
    window!(3105, "ntile", [INT4] -> INT4, Ntile),
    window!(3106, "lag", [ANYELEMENT] -> ANYELEMENT, Lag),
    window!(3107, "lag", [ANYELEMENT, INT4] -> ANYELEMENT, Lag),
    window!(3108, "lag", [ANYCOMPATIBLE, INT4, ANYCOMPATIBLE] -> ANYCOMPATIBLE, Lag),
    window!(3109, "lead", [ANYELEMENT] -> ANYELEMENT, Lead),
    window!(3110, "lead", [ANYELEMENT, INT4] -> ANYELEMENT, Lead),
    window!(3111, "lead", [ANYCOMPATIBLE, INT4, ANYCOMPATIBLE] -> ANYCOMPATIBLE, Lead),
    window!(3112, "first_value", [ANYELEMENT] -> ANYELEMENT, FirstValue),
    window!(3113, "last_value", [ANYELEMENT] -> ANYELEMENT, LastValue),
    window!(3114, "nth_value", [ANYELEMENT, INT4] -> ANYELEMENT, NthValue),
];
