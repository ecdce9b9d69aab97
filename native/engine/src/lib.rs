//! The engine: sessions, statements and relations over storage, transactions, catalog and SQL. The
//! only crate that bindings see.
//!
//! `engine` owns what sessions share, `session` what one client has, `store` is the database as one
//! statement sees it, `relations` the open tables and indexes, `copy` COPY's formats, `settings` the
//! run-time parameters, `runtime` the workers.

mod analyze;
mod catalog_cell;
mod catalog_functions;
mod catalog_table;
mod copy;
mod ddl_actions;
mod engine;
mod index_build;
mod index_runs;
mod options;
mod pool_host;
mod reg_names;
mod relations;
mod row_keys;
mod runtime;
mod search_path;
mod sequences;
mod session;
mod sessions;
mod settings;
mod statement_statistics;
mod statistics;
mod store;
mod stream;
mod table_rules;
mod temp_namespaces;
mod verify;
mod verify_index;
mod virtual_rows;

pub use copy::RowWriter;
pub use engine::Engine;
pub use options::EngineOptions;
pub use runtime::Workers;
pub use session::{
    ColumnFacts, ConnectOptions, CopyShape, Format, Mode, NoticeLevel, PRISTINE_HASH, Progress,
    ResultSink, Session, SessionHandle, TransactionStatus, Work,
};
pub use sql::ir::OutputColumn;
pub use storage::{SyncMode, Ticket};
pub use stream::{Notification, Wake};
pub use verify::{verify, verify_directory};
