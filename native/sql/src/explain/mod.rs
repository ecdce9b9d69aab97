//! EXPLAIN: a plan as PostgreSQL shows one.
//!
//! `describe` makes a tree of titled nodes with properties, `expression` writes conditions as
//! PostgreSQL's `ruleutils.c` does, `text` and `json` lay the tree out.

mod describe;
mod expression;
mod json;
mod text;
mod title;

use crate::executor::NodeCounters;
use crate::planner::physical::PhysicalPlan;

pub use describe::Described;

/// The options of the statement; defaults are PostgreSQL's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExplainOptions {
    pub analyze: bool,
    pub verbose: bool,
    pub costs: bool,
    /// Only with `analyze`.
    pub timing: bool,
    /// Planning and execution time below the plan.
    pub summary: bool,
    pub format: ExplainFormat,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ExplainFormat {
    #[default]
    Text,
    Json,
}

impl Default for ExplainOptions {
    fn default() -> Self {
        Self {
            analyze: false,
            verbose: false,
            costs: true,
            timing: true,
            summary: false,
            format: ExplainFormat::Text,
        }
    }
}

/// How long the two phases took, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ExplainTimes {
    pub planning_ns: u64,
    pub execution_ns: u64,
}

/// The rows of EXPLAIN's answer, one a line of text, or a single one of JSON.
///
/// `counters` are those of an [`crate::executor::Execution`] that ran to its end with them.
pub fn explain(
    plan: &PhysicalPlan,
    counters: Option<&[NodeCounters]>,
    options: &ExplainOptions,
    times: ExplainTimes,
) -> Vec<String> {
    let described = describe::describe(plan, options);
    match options.format {
        ExplainFormat::Text => text::lines(&described, counters, options, times),
        ExplainFormat::Json => vec![json::document(&described, counters, options, times)],
    }
}
