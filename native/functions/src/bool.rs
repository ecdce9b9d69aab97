//! Booleans (bool.c) and the few functions of any type's identity.

use crate::{FunctionDef, def};

#[rustfmt::skip]
pub static FUNCTIONS: &[FunctionDef] = &[
    def!(2557, "bool", [INT4] -> BOOL, Immutable, |a: i32| a != 0 => bool),
    def!(2558, "int4", [BOOL] -> INT4, Immutable, |a: bool| i32::from(a) => i32),
    def!(2971, "text", [BOOL] -> TEXT, Immutable, |a: bool| if a { "true" } else { "false" } => &str),
    def!(2515, "booland_statefunc", [BOOL, BOOL] -> BOOL, Immutable, |a: bool, b: bool| a && b => bool),
    def!(2516, "boolor_statefunc", [BOOL, BOOL] -> BOOL, Immutable, |a: bool, b: bool| a || b => bool),
];
