//! The one limiter: who may go on, and who must wait.
//!
//! Owns the rules and quotas, what each client has taken of them, and the files that both are kept in.
//! Every door asks it for every request or statement, from any thread: `limiter` is the whole,
//! `changes` what alters its rules, `client_keys` a client of it, `rule` and `quota` what there is to
//! hold to, `rule_set` their version in force, `algorithm` how an allowance comes back, `table` and
//! `quota` who has taken what.
//! Invariants: what was taken is taken in one order for all threads; a check waits for no disk (a quota
//! may write to the system's cache once in a hundredth of its limit); every table has a cap, and for
//! "full" an allowance that those share for whom there is no room.

mod algorithm;
mod attributes;
mod changes;
mod client_keys;
mod definition_file;
mod json;
mod key_hash;
#[expect(
    clippy::module_inception,
    reason = "a file bears the name of its main export"
)]
mod limiter;
mod pattern;
mod period;
mod pressure;
mod quota;
mod quota_file;
mod rule;
mod rule_set;
mod table;
#[cfg(test)]
mod test_vfs;
mod units;

pub use attributes::Attributes;
pub use client_keys::ClientKeys;
pub use limiter::{CLIENTS_MAX, Decision, Limiter, LimiterStatistics, Phase};
pub use quota::{Quota, QuotaDefinition};
pub use rule::{Rule, RuleDefinition};
pub use rule_set::{Definitions, RuleSet};
pub use units::Usage;
