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

impl TableEstimate {
    /// Live rows: as many a page as ANALYZE has seen, if it ran.
    pub fn likely_rows(&self) -> f64 {
        match &self.statistics {
            Some(known) if known.rows > 0.0 && known.pages > 0 => {
                (known.rows * self.pages / f64::from(known.pages)).min(self.rows.max(1.0))
            }
            _ => self.rows,
        }
    }
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
