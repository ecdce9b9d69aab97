//! The physical plan: immutable, shared by all executions, without row data.
//!
//! Columns are positions in the input's rows from here on. A column of an enclosing query or of a
//! nested loop's outer side is a *slot*: a value that the operator above sets before it starts the
//! operator below anew.

mod node;
mod scalar;
mod write;

pub use node::*;
pub use scalar::{Scalar, ScalarCase, ScalarSubscript, SubplanUse};
pub use write::{
    DeleteNode, InsertNode, PhysicalConflict, PhysicalConflictUpdate, Target, UpdateNode,
    WriteRules,
};
