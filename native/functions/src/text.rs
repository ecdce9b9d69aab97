//! Text: concatenation, lengths, pieces (varlena.c, oracle_compat.c).

use crate::{FunctionDef, def};

#[rustfmt::skip]
pub static FUNCTIONS: &[FunctionDef] = &[
    def!(1258, "textcat", [TEXT, TEXT] -> TEXT, Immutable, |a: &[u8], b: &[u8]| write out => {
        out.extend_from_slice(a);
        out.extend_from_slice(b);
    }),
];
