//! Sessions: what one client has, and how it is asked to run statements.

mod analyze;
mod begin;
mod block;
mod column_facts;
mod copy;
mod copy_in;
mod copy_out;
mod copy_rejects;
mod cursor;
mod cursor_rows;
mod ddl;
mod ddl_state;
mod deferred;
mod explain;
mod foreign_key_check;
mod holdings;
mod hot_settings;
mod maintenance;
mod notice;
mod notify;
mod once;
mod point;
mod portal;
mod portals;
mod prepared;
mod result_sink;
mod row_spool;
mod run;
mod sequence_values;
#[expect(
    clippy::module_inception,
    reason = "the file bears the name of its export"
)]
mod session;
mod session_facts;
mod session_handle;
mod session_state;
mod set_show;
mod startup;
mod statement_cache;
mod temporary;
#[cfg(test)]
mod test_client;
mod tracking;
mod utility;
mod work;

pub use block::{SharedTransaction, TransactionStatus};
pub use column_facts::ColumnFacts;
pub use ddl_state::{DdlState, PendingCatalogs};
pub use deferred::SharedDeferred;
pub use notice::NoticeLevel;
pub use portal::Format;
pub use result_sink::{CopyShape, ResultSink};
pub use session::{ConnectOptions, Session};
pub use session_facts::SessionFacts;
pub use session_handle::{Activity, ActivityState, SessionHandle};
pub use session_state::PRISTINE_HASH;
#[cfg(test)]
pub use test_client::TestClient;
pub use work::{Mode, Progress, Work};
