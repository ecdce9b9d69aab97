//! What the planner asks about tables.

use std::sync::Arc;

use catalog::Statistics;
use common::{ObjectId, Result};

use crate::ir::TableRules;

/// Size of a table, as it stands or as last counted.
#[derive(Clone, Debug, Default)]
pub struct TableEstimate {
    /// Live rows.
    pub rows: f64,
    pub pages: f64,
    /// From ANALYZE, if it ran.
    pub statistics: Option<Arc<Statistics>>,
}

/// The catalog as the planner needs it; the plan is valid as long as the catalog version is.
pub trait PlanContext {
    fn rules(&self, table: ObjectId) -> Result<Arc<TableRules>>;

    fn estimate(&self, table: ObjectId) -> TableEstimate;

    /// A boolean setting of the `enable_*` family by its name; unknown ones are on.
    fn is_enabled(&self, setting: &str) -> bool {
        let _ = setting;
        true
    }

    /// Bytes an operator may use before a plan that needs less is preferred (`work_mem`).
    fn work_mem_bytes(&self) -> usize {
        4 << 20
    }
}
