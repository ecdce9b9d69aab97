//! The one limiter of a data directory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::rt::{self, Mutex, RwLock};
use common::vfs::Vfs;
use common::{Error, Result, err, sqlstate};

use super::algorithm::Taken;
use super::changes::Sources;
use super::client_keys::ClientKeys;
use super::definition_file::DefinitionFile;
use super::key_hash::Secret;
use super::pressure::Pressure;
use super::quota::{Ledger, Quota};
use super::rule::Rule;
use super::rule_set::RuleSet;
use super::table::{Table, Worked};
use super::units::Usage;

/// Clients in the table where nobody says otherwise.
pub const CLIENTS_MAX: u64 = 1_000_000;
/// Shards of the table that one [`Limiter::maintain`] clears.
const EXPIRED_SHARDS: usize = 16;

/// Which rules are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Those that need to know nothing of who the client is: before a password costs anything.
    Early,
    /// The others, and the quotas.
    Late,
    All,
}

/// What a client is told: of the first that refuses, else of the one that is closest to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    pub allowed: bool,
    /// Units a window; of a bucket what it holds.
    pub limit: u64,
    pub remaining: u64,
    /// Until all is there again.
    pub reset_ms: u64,
    /// Until what was refused may be had; 0 where it was allowed.
    pub retry_after_ms: u64,
    /// Which of the client's rules, quotas counted behind them.
    pub place: usize,
}

/// Counters, since the limiter was opened.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LimiterStatistics {
    pub clients: u64,
    /// The most that were there at one time.
    pub clients_peak: u64,
    pub clients_max: u64,
    pub memory_bytes: u64,
    pub quota_counts: u64,
    pub denied: u64,
    /// Checks for whose client there was no room.
    pub overflows: u64,
    /// Counts of quotas that could not be written.
    pub quota_failures: u64,
    /// By how much adaptive rules are slowed down: 1 is not at all.
    pub slowness: f64,
}

/// See the module.
#[derive(Debug)]
pub struct Limiter {
    pub(super) table: Table,
    table_secret: Secret,
    ledger: Ledger,
    pressure: Pressure,
    pub(super) set: RwLock<Arc<RuleSet>>,
    /// Counts the sets; what was resolved for another is resolved anew.
    pub(super) version: AtomicU64,
    pub(super) is_on: AtomicBool,
    /// Held while rules change.
    pub(super) sources: Mutex<Sources>,
    pub(super) file: DefinitionFile,
    denied: AtomicU64,
    overflows: AtomicU64,
    sweep: AtomicU64,
}

fn ms(ns: u64) -> u64 {
    ns.div_ceil(1_000_000)
}

fn decision(taken: Taken, limit: u64, place: usize) -> Decision {
    Decision {
        allowed: taken.allowed,
        limit,
        remaining: taken.remaining,
        reset_ms: ms(taken.reset_ns),
        retry_after_ms: ms(taken.retry_ns),
        place,
    }
}

/// Whether there is less left of `one` than of `other`, by their limits.
fn is_closer(one: &Decision, other: &Decision) -> bool {
    let part = |of: &Decision, by: &Decision| u128::from(of.remaining) * u128::from(by.limit);
    part(one, other) < part(other, one)
}

fn unix_secs() -> u64 {
    (rt::unix_micros() / 1_000_000).unsigned_abs()
}

impl Limiter {
    /// Opens with the rules and counts that the directory keeps. XX001 for a file of rules that
    /// cannot be read.
    pub fn open(vfs: &Arc<dyn Vfs>) -> Result<Self> {
        let ledger = Ledger::open(vfs, unix_secs())?;
        let (file, definitions) = DefinitionFile::open(vfs)?;
        let set = RuleSet::compile(&[], &definitions, &RuleSet::default())?;
        Ok(Self {
            table: Table::new(CLIENTS_MAX),
            table_secret: Secret::random(),
            ledger,
            pressure: Pressure::new(),
            set: RwLock::new(Arc::new(set)),
            version: AtomicU64::new(1),
            is_on: AtomicBool::new(true),
            sources: Mutex::new(Sources {
                configured: Vec::new(),
                definitions,
            }),
            file,
            denied: AtomicU64::new(0),
            overflows: AtomicU64::new(0),
            sweep: AtomicU64::new(0),
        })
    }

    /// Whether the client may go on; takes what that costs of every rule that is about it, of all or
    /// of none. `estimate` is what the request is thought to use; [`Self::settle`] corrects it. None
    /// where no rule is about the client.
    #[inline]
    pub fn check(
        &self,
        keys: &mut ClientKeys,
        phase: Phase,
        estimate: Usage,
        now_ns: u64,
    ) -> Option<Decision> {
        self.refresh(keys);
        let rules = match phase {
            Phase::Early => 0..keys.early,
            Phase::Late => keys.early..keys.rules.len(),
            Phase::All => 0..keys.rules.len(),
        };
        let has_quotas = phase != Phase::Early && !keys.quotas.is_empty();
        let mut closest: Option<Decision> = None;
        for place in rules.clone() {
            let (rule, key) = &keys.rules[place];
            let taken = self.take(rule, *key, rule.cost.of(estimate), now_ns);
            let decided = decision(taken, rule.terms.burst, place);
            if !decided.allowed {
                self.denied.fetch_add(1, Ordering::Relaxed);
                self.give_back(&keys.rules[rules.start..place], estimate, now_ns);
                return Some(decided);
            }
            if closest
                .as_ref()
                .is_none_or(|other| is_closer(&decided, other))
            {
                closest = Some(decided);
            }
        }
        if has_quotas {
            let asked = (rules, estimate, now_ns);
            return Some(self.check_quotas(keys, asked, closest));
        }
        closest
    }

    /// [`Self::check`] at this moment; without rules for the client not even the clock is asked.
    #[inline]
    pub fn check_now(
        &self,
        keys: &mut ClientKeys,
        phase: Phase,
        estimate: Usage,
    ) -> Option<Decision> {
        self.refresh(keys);
        let is_free = match phase {
            Phase::Early => keys.early == 0,
            Phase::Late => keys.early == keys.rules.len() && keys.quotas.is_empty(),
            Phase::All => keys.rules.is_empty() && keys.quotas.is_empty(),
        };
        if is_free {
            return None;
        }
        self.check(keys, phase, estimate, rt::monotonic_ns())
    }

    /// The door of the PostgreSQL protocol asks once a statement: 53400 where the client must wait,
    /// with the time in its hint.
    pub fn check_statement(&self, keys: &mut ClientKeys, estimate: Usage) -> Result<()> {
        match self.check_now(keys, Phase::All, estimate) {
            Some(decided) if !decided.allowed => Err(self.refusal(keys, &decided)),
            _ => Ok(()),
        }
    }

    /// What a client is told that must wait.
    #[cold]
    pub fn refusal(&self, keys: &ClientKeys, decided: &Decision) -> Error {
        err!(
            sqlstate::CONFIGURATION_LIMIT_EXCEEDED,
            "rate limit exceeded; retry after {} ms",
            decided.retry_after_ms
        )
        .with_detail(format!(
            "{} allows {}.",
            self.name_of(keys, decided.place),
            decided.limit
        ))
    }

    /// Which rule or quota a decision is of: `rate limit "api"`.
    pub fn name_of(&self, keys: &ClientKeys, place: usize) -> String {
        match (keys.rules.get(place), keys.rules.len()) {
            (Some((rule, _)), _) => format!("rate limit \"{}\"", rule.definition.id),
            (None, before) => match keys.quotas.get(place - before) {
                Some((quota, _)) => format!("quota \"{}\"", quota.definition.id),
                None => "a rate limit".to_owned(),
            },
        }
    }

    /// Charges what a request that was let in has used, instead of what it was thought to use.
    pub fn settle(&self, keys: &mut ClientKeys, estimate: Usage, used: Usage, now_ns: u64) {
        self.refresh(keys);
        for (rule, key) in keys
            .rules
            .iter()
            .filter(|(rule, _)| rule.cost.is_measured())
        {
            let (thought, is) = (rule.cost.of(estimate), rule.cost.of(used));
            if is > thought {
                self.charge(rule, *key, is - thought, now_ns);
            } else if thought > is {
                self.refund(rule, *key, thought - is, now_ns);
            }
        }
        for (quota, keys) in keys
            .quotas
            .iter()
            .filter(|(quota, _)| quota.cost.is_measured())
        {
            let (thought, is) = (quota.cost.of(estimate), quota.cost.of(used));
            if is > thought {
                self.ledger.charge(quota, *keys, is - thought, unix_secs());
            } else {
                self.ledger.refund(*keys, thought - is);
            }
        }
    }

    /// What there is left of each rule of a client, taking nothing.
    pub fn peek(&self, keys: &mut ClientKeys, now_ns: u64) -> Vec<Decision> {
        self.refresh(keys);
        let slowness = self.pressure.slowness();
        (keys.rules.iter().enumerate())
            .map(|(place, (rule, key))| {
                let mut state = self.table.peek(*key);
                let taken = rule.terms.take(&mut state, 0, now_ns, slowness);
                decision(taken, rule.terms.burst, place)
            })
            .collect()
    }

    /// A request has taken `elapsed_ns`: the signal of adaptive rules.
    pub fn observe(&self, elapsed_ns: u64, now_ns: u64) {
        self.pressure.observe(elapsed_ns, now_ns);
    }

    /// The number of the rules in force; it rises with every change.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// The rules and quotas in force.
    pub fn rules(&self) -> Arc<RuleSet> {
        self.set.read().clone()
    }

    pub fn statistics(&self) -> LimiterStatistics {
        LimiterStatistics {
            clients: self.table.len(),
            clients_peak: self.table.peak(),
            clients_max: self.table.cap(),
            memory_bytes: self.table.memory_bytes(),
            quota_counts: self.ledger.len() as u64,
            denied: self.denied.load(Ordering::Relaxed),
            overflows: self.overflows.load(Ordering::Relaxed),
            quota_failures: self.ledger.failures(),
            slowness: f64::from(self.pressure.slowness())
                / f64::from(super::algorithm::SLOWNESS_ONE),
        }
    }

    /// Forgets clients that may be forgotten, a part of the table at a time, and brings the counts
    /// of quotas to the disk, for which it waits. To be called about once a second.
    pub fn maintain(&self, now_ns: u64) -> Result<()> {
        for _ in 0..EXPIRED_SHARDS {
            let turn = self.sweep.fetch_add(1, Ordering::Relaxed);
            self.table.expire(turn as usize, now_ns);
        }
        self.ledger.sync()
    }

    /// Keeps the counts of quotas exactly. To be called when all else has ended.
    pub fn close(&self) -> Result<()> {
        self.ledger.close()
    }

    #[inline]
    fn refresh(&self, keys: &mut ClientKeys) {
        let version = self.version.load(Ordering::Acquire);
        if keys.version != version {
            self.resolve(keys, version);
        }
    }

    #[cold]
    fn resolve(&self, keys: &mut ClientKeys, version: u64) {
        // A set that is newer than the version is resolved once more at the next check.
        let set = if self.is_on.load(Ordering::Relaxed) {
            self.rules()
        } else {
            Arc::default()
        };
        keys.resolve(version, &set, self.table_secret, self.ledger.secret());
    }

    #[inline]
    fn take(&self, rule: &Rule, key: u128, cost: u64, now_ns: u64) -> Taken {
        let slowness = self.pressure.slowness();
        let worked = self.table.with(key, now_ns, |state| {
            let result = rule.terms.take(state, cost, now_ns, slowness);
            Worked {
                result,
                fresh_at: rule.terms.fresh_at(state),
            }
        });
        worked.unwrap_or_else(|| {
            self.overflows.fetch_add(1, Ordering::Relaxed);
            let mut state = rule.overflow.lock();
            rule.terms.take(&mut state, cost, now_ns, slowness)
        })
    }

    fn charge(&self, rule: &Rule, key: u128, cost: u64, now_ns: u64) {
        let slowness = self.pressure.slowness();
        let worked = self.table.with(key, now_ns, |state| {
            rule.terms.charge(state, cost, now_ns, slowness);
            Worked {
                result: (),
                fresh_at: rule.terms.fresh_at(state),
            }
        });
        if worked.is_none() {
            let mut state = rule.overflow.lock();
            rule.terms.charge(&mut state, cost, now_ns, slowness);
        }
    }

    fn refund(&self, rule: &Rule, key: u128, cost: u64, now_ns: u64) {
        let slowness = self.pressure.slowness();
        let worked = self.table.with(key, now_ns, |state| {
            rule.terms.refund(state, cost, slowness);
            Worked {
                result: (),
                fresh_at: rule.terms.fresh_at(state),
            }
        });
        if worked.is_none() {
            rule.terms.refund(&mut rule.overflow.lock(), cost, slowness);
        }
    }

    #[cold]
    fn give_back(&self, rules: &[(Arc<Rule>, u128)], estimate: Usage, now_ns: u64) {
        for (rule, key) in rules {
            self.refund(rule, *key, rule.cost.of(estimate), now_ns);
        }
    }

    fn check_quotas(
        &self,
        keys: &ClientKeys,
        (rules, estimate, now_ns): (std::ops::Range<usize>, Usage, u64),
        mut closest: Option<Decision>,
    ) -> Decision {
        let at = unix_secs();
        let before = keys.rules.len();
        for (place, (quota, own)) in keys.quotas.iter().enumerate() {
            let taken = self.ledger.take(quota, *own, quota.cost.of(estimate), at);
            let decided = decision(taken, quota.definition.limit, before + place);
            if !decided.allowed {
                self.denied.fetch_add(1, Ordering::Relaxed);
                self.give_back(&keys.rules[rules], estimate, now_ns);
                self.give_back_quotas(&keys.quotas[..place], estimate);
                return decided;
            }
            if closest
                .as_ref()
                .is_none_or(|other| is_closer(&decided, other))
            {
                closest = Some(decided);
            }
        }
        closest.expect("the caller saw that there is a quota")
    }

    fn give_back_quotas(&self, quotas: &[(Arc<Quota>, [u128; 2])], estimate: Usage) {
        for (quota, keys) in quotas {
            self.ledger.refund(*keys, quota.cost.of(estimate));
        }
    }
}

#[cfg(test)]
#[path = "limiter_tests.rs"]
mod tests;
