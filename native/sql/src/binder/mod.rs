//! The binder: from the syntax tree to the bound plan of [`crate::ir`].
//!
//! PostgreSQL's parse analysis, rule by rule: names by scopes and search path, types by its
//! resolution of operators and functions, errors with its SQLSTATE, wording and position. One file a
//! clause or a kind of expression; `statement` is the door.

mod aggregate;
mod array;
pub(crate) mod ast_walk;
#[expect(
    clippy::module_inception,
    reason = "the binder's state, beside the files of its methods"
)]
mod binder;
mod candidate;
mod case;
mod cast_expr;
mod coerce;
mod collation;
mod columns;
mod compare_types;
mod context;
mod cte;
mod definition;
mod dml;
mod expr;
mod expr_kind;
mod facts;
mod from;
mod from_function;
mod function;
mod group;
mod hints;
mod insert;
mod join;
mod literal;
mod locking;
mod logic;
mod membership;
mod on_conflict;
mod operator;
mod order;
mod params;
mod polymorphic;
mod query;
mod registry;
mod regroup;
mod relation;
pub(crate) mod rewrite;
mod row;
mod rules;
mod same;
mod scope;
mod select;
mod session_functions;
mod statement;
mod subquery;
mod target;
mod type_name;
mod type_rules;
mod typed;
mod update;
mod values;
mod window;

pub use binder::Binder;
pub use context::{BindContext, Notice, Severity};
pub use definition::{BoundDefinition, DefinitionKind, QueryDefinition};
pub(crate) use dml::parse_expression;
pub(crate) use facts::is_system_column;
pub use params::ParamTypes;
pub use rules::bind_table_rules;
pub use session_functions::session_functions;
pub use statement::{Bound, bind_statement};
pub(crate) use target::figure_name as expression_name;
