//! Prepared statements: parsed once, planned as often as the catalog changes under them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use common::ObjectId;
use common::rt::Mutex;
use parser::{ParsedStatement, Statement};
use sql::executor::direct::DirectExecution;
use sql::ir::OutputColumn;
use sql::planner::physical::PhysicalPlan;
use txn::LockMode;
use types::SqlType;

use crate::relations::{OpenIndex, Relation};
use crate::statement_statistics::StatementEntry;

/// A statement that was parsed, with its own text.
#[derive(Debug)]
pub struct Source {
    /// The statement's own part of the text it came in.
    pub text: Arc<str>,
    /// The text that locations in the tree count from.
    pub whole: Arc<str>,
    pub statement: Statement,
    /// The highest `$n`.
    pub max_param: u32,
}

impl Source {
    /// One statement of `whole`.
    pub fn new(parsed: ParsedStatement, whole: &Arc<str>) -> Self {
        let text = parsed.text(whole).into();
        let ParsedStatement {
            stmt, max_param, ..
        } = parsed;
        Self {
            text,
            whole: whole.clone(),
            statement: stmt,
            max_param,
        }
    }

    /// A statement within this one, which has its text and its parameters.
    pub fn part(&self, statement: &Statement) -> Self {
        Self {
            text: self.text.clone(),
            whole: self.whole.clone(),
            statement: statement.clone(),
            max_param: self.max_param,
        }
    }
}

/// What planning gave, and under which circumstances it holds.
#[derive(Debug)]
pub struct Planned {
    pub plan: Arc<PhysicalPlan>,
    /// Relations to lock, with the version of each that was planned for.
    pub relations: Vec<(ObjectId, LockMode, u64)>,
    /// Version of the settings that names and literals depend on.
    pub settings_version: u64,
    /// The newest version of the whole catalog that it was found to hold for: a quick "nothing has
    /// changed".
    pub catalog_version: AtomicU64,
    /// The schemas that names were looked for in.
    pub path: Arc<[ObjectId]>,
    pub output: Arc<[OutputColumn]>,
    /// Whatever it writes to is temporary.
    pub writes_temporary: bool,
}

impl Planned {
    pub fn catalog_version(&self) -> u64 {
        self.catalog_version.load(Ordering::Relaxed)
    }

    /// It holds for this version too.
    pub fn holds_for(&self, catalog_version: u64) {
        self.catalog_version
            .store(catalog_version, Ordering::Relaxed);
    }

    /// Whether a read-only transaction must refuse it.
    pub fn needs_write_access(&self) -> bool {
        self.plan.writes && !self.writes_temporary
    }
}

/// The short way of a plan.
pub struct KeptDirect {
    pub of: Arc<PhysicalPlan>,
    pub direct: Box<DirectExecution>,
    /// What a read of one row reads, once one was made.
    pub open: Option<OpenPoint>,
}

impl KeptDirect {
    /// None where the plan has no short way.
    pub fn new(plan: &Arc<PhysicalPlan>) -> Option<Self> {
        let direct = Box::new(DirectExecution::new(plan)?);
        Some(Self {
            of: plan.clone(),
            direct,
            open: None,
        })
    }
}

/// An open table with one of its unique indexes.
pub struct OpenPoint {
    pub relation: Arc<Relation>,
    pub index: Arc<OpenIndex>,
    /// A buffer.
    pub key: Vec<u8>,
}

/// See the module.
pub struct Prepared {
    /// None for an empty text.
    pub source: Option<Arc<Source>>,
    /// Types that the client gave; 0 where it left them open.
    pub declared: Vec<SqlType>,
    /// Types of all parameters, once they were inferred; they do not change any more.
    pub parameters: OnceLock<Arc<[SqlType]>>,
    pub planned: Mutex<Option<Arc<Planned>>>,
    /// Buffers of the short way, between two runs of the same plan.
    pub direct: Mutex<Option<KeptDirect>>,
    /// Columns that the client was told; a later plan that gives others is 0A000.
    pub described: Mutex<Option<Arc<[OutputColumn]>>>,
    /// How often it has run.
    pub runs: AtomicU64,
    /// Where its runs are counted, once it has run.
    pub statistics: Mutex<Option<Arc<StatementEntry>>>,
}

impl Prepared {
    pub fn new(source: Option<Arc<Source>>, declared: Vec<SqlType>) -> Self {
        Self {
            source,
            declared,
            parameters: OnceLock::new(),
            planned: Mutex::new(None),
            direct: Mutex::new(None),
            described: Mutex::new(None),
            runs: AtomicU64::new(0),
            statistics: Mutex::new(None),
        }
    }

    /// A statement of a text, which has no parameters.
    pub fn of_text(source: Arc<Source>) -> Self {
        Self {
            parameters: OnceLock::from(Arc::default()),
            ..Self::new(Some(source), Vec::new())
        }
    }

    /// It runs once more. One session at a time has a statement.
    #[inline]
    pub fn count_run(&self) {
        let runs = self.runs.load(Ordering::Relaxed);
        self.runs.store(runs + 1, Ordering::Relaxed);
    }

    /// A statement within this one, which has the parameters of the whole: what EXPLAIN explains, the
    /// query of a cursor.
    pub fn inner(&self, statement: &Statement) -> Option<Self> {
        let source = self.source.as_ref()?;
        let inner = source.part(statement);
        Some(Self {
            parameters: self.parameters.clone(),
            ..Self::new(Some(Arc::new(inner)), self.declared.clone())
        })
    }
}
