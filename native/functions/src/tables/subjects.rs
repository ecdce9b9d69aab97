//! The tables that subject modules contribute.

use crate::def::{AggregateDef, FunctionDef, WindowDef};

pub(crate) const FUNCTIONS: &[&[FunctionDef]] = &[
    crate::array::FUNCTIONS,
    crate::bool::FUNCTIONS,
    crate::convert::FUNCTIONS,
    crate::datetime::zone::FUNCTIONS,
    crate::datetime::truncate::FUNCTIONS,
    crate::datetime::overlaps::FUNCTIONS,
    crate::datetime::extract::FUNCTIONS,
    crate::datetime::convert::FUNCTIONS,
    crate::datetime::construct::FUNCTIONS,
    crate::datetime::arithmetic::FUNCTIONS,
    crate::datetime::age::FUNCTIONS,
    crate::encoding::FUNCTIONS,
    crate::float::FUNCTIONS,
    crate::integer::FUNCTIONS,
    crate::json::FUNCTIONS,
    crate::like::FUNCTIONS,
    crate::math::FUNCTIONS,
    crate::misc::FUNCTIONS,
    crate::numeric::FUNCTIONS,
    crate::regex_functions::FUNCTIONS,
    crate::sets::arrays::FUNCTIONS,
    crate::sets::json::FUNCTIONS,
    crate::sets::json_records::FUNCTIONS,
    crate::sets::partitions::FUNCTIONS,
    crate::sets::series::FUNCTIONS,
    crate::sets::texts::FUNCTIONS,
    crate::string::FUNCTIONS,
    crate::to_char::FUNCTIONS,
    crate::to_number::FUNCTIONS,
    crate::to_timestamp::FUNCTIONS,
];
pub(crate) const AGGREGATES: &[&[AggregateDef]] = &[crate::aggregate::AGGREGATES];
pub(crate) const WINDOWS: &[&[WindowDef]] = &[crate::window::WINDOWS];
