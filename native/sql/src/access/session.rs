//! What expressions need of the session.

use common::Result;
use types::Datum;

/// Functions whose answer comes from the session, the transaction or the catalog, or which change
/// them. The binder maps names of `pg_proc` (and SQL's keywords) to these.
///
/// Those marked *stable* give one answer a statement for equal arguments and may serve as an
/// index bound; the others are volatile and are called once a row.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SessionFunction {
    /// As in `pg_proc` (`nextval`, `current_user`, `pg_get_expr`, ...).
    pub name: &'static str,
    pub stable: bool,
    /// Null if any argument is null.
    pub strict: bool,
}

/// The session side of evaluation. Implemented by the engine.
pub trait Session {
    /// Calls a session function. Arguments have the types that the binder resolved.
    fn call(&self, function: SessionFunction, args: &[Datum]) -> Result<Datum>;
}
