//! Changing rules and quotas while the limiter is asked.
//!
//! Invariant: a change is compiled and kept before it is in force, and is in force for all threads at
//! once; one that fails changes nothing.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use common::{Result, err, sqlstate};

use super::limiter::Limiter;
use super::quota::QuotaDefinition;
use super::rule::RuleDefinition;
use super::rule_set::{Definitions, RuleSet};

/// What the rules in force are made of.
#[derive(Debug, Default)]
pub struct Sources {
    pub configured: Vec<RuleDefinition>,
    pub definitions: Definitions,
}

impl Limiter {
    /// The rules that follow from the configuration, how many clients are known at a time, and
    /// whether anything is limited at all.
    pub fn configure(
        &self,
        configured: Vec<RuleDefinition>,
        clients_max: u64,
        is_on: bool,
    ) -> Result<()> {
        let mut sources = self.sources.lock();
        let set = RuleSet::compile(&configured, &sources.definitions, &self.rules())?;
        sources.configured = configured;
        self.table.set_cap(clients_max);
        self.is_on.store(is_on, Ordering::Relaxed);
        self.publish(set);
        Ok(())
    }

    /// Makes a rule. 42710 where there is one of its id.
    pub fn create_rule(&self, rule: RuleDefinition) -> Result<()> {
        self.change(|all| {
            all.rules.push(rule);
            Ok(())
        })
    }

    /// Changes the rule of that id. 42704 where there is none.
    pub fn replace_rule(&self, rule: RuleDefinition) -> Result<()> {
        self.change(|all| {
            let own = self.own_rule(all, &rule.id)?;
            *own = rule;
            Ok(())
        })
    }

    pub fn drop_rule(&self, id: &str) -> Result<()> {
        self.change(|all| {
            self.own_rule(all, id)?;
            all.rules.retain(|rule| rule.id != id);
            Ok(())
        })
    }

    pub fn create_quota(&self, quota: QuotaDefinition) -> Result<()> {
        self.change(|all| {
            all.quotas.push(quota);
            Ok(())
        })
    }

    pub fn replace_quota(&self, quota: QuotaDefinition) -> Result<()> {
        self.change(|all| {
            let own = own_quota(all, &quota.id)?;
            *own = quota;
            Ok(())
        })
    }

    pub fn drop_quota(&self, id: &str) -> Result<()> {
        self.change(|all| {
            own_quota(all, id)?;
            all.quotas.retain(|quota| quota.id != id);
            Ok(())
        })
    }

    fn own_rule<'a>(&self, all: &'a mut Definitions, id: &str) -> Result<&'a mut RuleDefinition> {
        if let Some(rule) = all.rules.iter_mut().find(|rule| rule.id == id) {
            return Ok(rule);
        }
        let set = self.rules();
        if set
            .rules
            .iter()
            .any(|rule| rule.is_configured && rule.definition.id == id)
        {
            return Err(err!(
                sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                "rate limit \"{id}\" follows from the configuration"
            ));
        }
        Err(err!(
            sqlstate::UNDEFINED_OBJECT,
            "rate limit \"{id}\" does not exist"
        ))
    }

    /// Compiles, keeps and publishes what `change` makes of the definitions, or changes nothing.
    fn change(&self, change: impl FnOnce(&mut Definitions) -> Result<()>) -> Result<()> {
        let mut sources = self.sources.lock();
        let mut definitions = sources.definitions.clone();
        change(&mut definitions)?;
        let set = RuleSet::compile(&sources.configured, &definitions, &self.rules())?;
        self.file.write(&definitions)?;
        sources.definitions = definitions;
        self.publish(set);
        Ok(())
    }

    fn publish(&self, set: RuleSet) {
        *self.set.write() = Arc::new(set);
        self.version.fetch_add(1, Ordering::Release);
    }
}

fn own_quota<'a>(all: &'a mut Definitions, id: &str) -> Result<&'a mut QuotaDefinition> {
    match all.quotas.iter_mut().find(|quota| quota.id == id) {
        Some(quota) => Ok(quota),
        None => Err(err!(
            sqlstate::UNDEFINED_OBJECT,
            "quota \"{id}\" does not exist"
        )),
    }
}
