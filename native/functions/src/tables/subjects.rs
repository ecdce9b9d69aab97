//! The tables that subject modules contribute.

use crate::def::{AggregateDef, FunctionDef, WindowDef};

pub(crate) const FUNCTIONS: &[&[FunctionDef]] = &[
    crate::bool::FUNCTIONS,
    crate::convert::FUNCTIONS,
    crate::float::FUNCTIONS,
    crate::integer::FUNCTIONS,
    crate::like::FUNCTIONS,
    crate::numeric::FUNCTIONS,
    crate::string::FUNCTIONS,
];
pub(crate) const AGGREGATES: &[&[AggregateDef]] = &[];
pub(crate) const WINDOWS: &[&[WindowDef]] = &[crate::window::WINDOWS];
