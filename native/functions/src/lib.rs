//! Built-in functions, operators, casts, aggregates and window functions, over vectors.
//!
//! `def` says what each of them is, `registry` finds them by name and type; the other modules hold
//! the functions, one subject each, as one-liners on plain values that macros lift over vectors.
//! Functions here are pure: what needs a session or the catalog is not here but with the binder's
//! session functions.

mod aggregate;
mod aggregate_states;
mod array;
mod bool;
mod convert;
mod date_template;
mod datetime;
mod def;
mod digest;
mod encoding;
mod errors;
mod eval_context;
mod float;
mod format;
mod integer;
mod json;
mod json_build;
mod json_edit;
mod json_input;
pub mod json_text;
mod lift;
mod like;
mod math;
mod misc;
mod number_template;
mod numeric;
mod regex;
mod regex_functions;
mod regex_syntax;
mod registry;
mod rows;
mod sets;
mod string;
mod tables;
mod to_char;
mod to_number;
mod to_timestamp;
mod window;

pub use aggregate_states::AggregateStates;
pub use def::{
    AggregateDef, CastContext, CastDef, CastMethod, CompareOp, FunctionDef, FunctionKind,
    OperatorBody, OperatorDef, ScalarFn, SetFn, SetRows, Volatility, WindowDef, WindowKind,
};
pub use digest::sha256;
pub use eval_context::EvalContext;
pub use json_build::write_json;
pub use json_input::json_input;
pub use like::like;
pub use registry::{
    aggregates, aggregates_named, casts, find_cast, functions, functions_named, operators,
    operators_named, windows, windows_named,
};
