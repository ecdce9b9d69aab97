//! The catalog: what the database contains, as an immutable version in memory.
//!
//! Owns the objects ([`Table`], [`Index`], [`Constraint`], ...), their byte form, the version that
//! binds names to them ([`Catalog`]), changes ([`CatalogChange`]) and what DROP must take along. The
//! engine stores each object as one row of an ordinary table and publishes a new version with the
//! commit that changed it. Nothing here does I/O.

mod bootstrap;
mod catalog;
mod change;
mod column;
mod constraint;
mod definitions;
mod depend;
mod describe;
mod drop_plan;
mod index;
mod object;
pub mod oid;
mod role;
mod schema;
mod sequence;
mod statistics;
pub mod stored;
pub mod system;
mod table;
mod temporary;
mod type_ref;
mod user_type;

pub use bootstrap::bootstrap;
pub use catalog::{Catalog, Relation};
pub use change::CatalogChange;
pub use column::{Column, Identity, Layout, LayoutColumn};
pub use constraint::{Constraint, ConstraintKind, ForeignAction, ForeignMatch};
pub use definitions::{
    constraint_definition, display_expression, index_column_definition, index_definition,
    view_definition,
};
pub use depend::{DependencyKind, Reference};
pub use describe::Describer;
pub use drop_plan::{DropPlan, DropTarget, plan_drop};
pub use index::{Index, IndexKey, IndexMethod};
pub use object::{Dependency, Object, ObjectKind, ObjectRow, Part};
pub use role::{AclItem, Membership, Role, privilege};
pub use schema::{Database, Schema};
pub use sequence::Sequence;
pub use statistics::{ColumnStatistics, Comment, Statistics};
pub use table::{OnCommit, Persistence, Table, TableKind};
pub use temporary::{OWN_TEMP_SCHEMA, temp_schema_name};
pub use type_ref::TypeRef;
pub use user_type::{DomainCheck, EnumLabel, UserType, UserTypeKind};

#[cfg(test)]
mod tests;
