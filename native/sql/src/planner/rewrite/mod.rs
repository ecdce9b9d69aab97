//! Rewrites of the logical plan, each a pass over the whole tree that keeps its meaning.

mod decorrelate;
mod disjunctions;
mod fold;
mod inline_ctes;
mod outer_joins;
mod prune;
mod push_down;
mod scalar_aggregate;
mod walk;

pub use decorrelate::decorrelate;
pub use disjunctions::implied;
pub use fold::{fold, fold_plan};
pub use inline_ctes::inline_ctes;
pub use prune::prune;
pub use push_down::push_down;
pub use walk::{each_plan, each_plan_mut, substitute};
