//! A client as the limiter knows it: its attributes, and what of the rules is about it.

use std::sync::Arc;

use super::algorithm::Algorithm;
use super::attributes::Attributes;
use super::key_hash::{Secret, key_hash};
use super::quota::Quota;
use super::rule::{Rule, Scope};
use super::rule_set::RuleSet;

/// Resolved once a connection (or route of one), and again by itself when the rules change; a check
/// then hashes nothing.
#[derive(Debug)]
pub struct ClientKeys {
    attributes: Box<Attributes>,
    /// Of the rules that it was resolved for; 0 for none.
    pub(super) version: u64,
    /// Those that need no principal first.
    pub(super) rules: Vec<(Arc<Rule>, u128)>,
    /// How many of the rules need no principal.
    pub(super) early: usize,
    /// With the key of those who find no room.
    pub(super) quotas: Vec<(Arc<Quota>, [u128; 2])>,
    settles: bool,
}

impl ClientKeys {
    pub fn new(attributes: Attributes) -> Self {
        Self {
            attributes: Box::new(attributes),
            version: 0,
            rules: Vec::new(),
            early: 0,
            quotas: Vec::new(),
            settles: false,
        }
    }

    pub fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// Whether what a request used, or how long it took, means anything to the client's rules: only
    /// then need [`super::Limiter::settle`] and [`super::Limiter::observe`] be called.
    #[inline]
    pub fn settles(&self) -> bool {
        self.settles
    }

    pub(super) fn resolve(&mut self, version: u64, set: &RuleSet, table: Secret, ledger: Secret) {
        let key_of = |scope: &Scope, secret| {
            let name = scope.name_of(&self.attributes)?;
            Some(key_hash(secret, &name))
        };
        self.rules = (set.rules.iter())
            .filter_map(|rule| Some((rule.clone(), key_of(&rule.scope, table)?)))
            .collect();
        self.rules.sort_by_key(|(rule, _)| rule.needs_principal);
        self.early = self
            .rules
            .partition_point(|(rule, _)| !rule.needs_principal);
        self.quotas = (set.quotas.iter())
            .filter_map(|quota| {
                let shared = key_hash(ledger, quota.scope.fingerprint.as_bytes());
                Some((quota.clone(), [key_of(&quota.scope, ledger)?, shared]))
            })
            .collect();
        let is_adaptive = |rule: &Rule| rule.terms.algorithm == Algorithm::Adaptive;
        let rules_settle =
            (self.rules.iter()).any(|(rule, _)| rule.cost.is_measured() || is_adaptive(rule));
        let quotas_settle = (self.quotas.iter()).any(|(quota, _)| quota.cost.is_measured());
        self.settles = rules_settle || quotas_settle;
        self.version = version;
    }
}
