//! What a call of a function knows beside its arguments.

use types::{SqlType, TextContext};

/// The surroundings of one call.
#[derive(Clone, Copy)]
pub struct EvalContext<'a> {
    /// Time zone, date style and the like.
    pub text: &'a TextContext,
    /// Resolved types of the arguments, for polymorphic functions.
    pub args: &'a [SqlType],
    /// Resolved type of the result.
    pub ret: SqlType,
}
