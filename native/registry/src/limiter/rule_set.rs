//! The rules and quotas in force: one immutable version, replaced whole.

use std::sync::Arc;

use common::{Result, bail, sqlstate};
use serde::{Deserialize, Serialize};

use super::quota::{Quota, QuotaDefinition};
use super::rule::{Rule, RuleDefinition};

pub const RULES_MAX: usize = 256;
pub const QUOTAS_MAX: usize = 256;

/// Both kinds as they are written, and kept in the file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definitions {
    #[serde(default)]
    pub rules: Vec<RuleDefinition>,
    #[serde(default)]
    pub quotas: Vec<QuotaDefinition>,
}

#[derive(Debug, Default)]
pub struct RuleSet {
    /// Those of the configuration first.
    pub rules: Vec<Arc<Rule>>,
    pub quotas: Vec<Arc<Quota>>,
}

impl RuleSet {
    /// Compiles; what has not changed since `before` is taken over with what it has counted. 22023
    /// for what is wrong, 53400 for too many, 42710 for two of one id.
    pub fn compile(
        configured: &[RuleDefinition],
        Definitions { rules, quotas }: &Definitions,
        before: &Self,
    ) -> Result<Self> {
        if configured.len() + rules.len() > RULES_MAX || quotas.len() > QUOTAS_MAX {
            bail!(
                sqlstate::CONFIGURATION_LIMIT_EXCEEDED,
                "at most {RULES_MAX} rules and {QUOTAS_MAX} quotas"
            );
        }
        let mut set = Self::default();
        let all = (configured.iter().map(|rule| (rule, true)))
            .chain(rules.iter().map(|rule| (rule, false)));
        for (definition, is_configured) in all {
            if set
                .rules
                .iter()
                .any(|rule| rule.definition.id == definition.id)
            {
                bail!(
                    sqlstate::DUPLICATE_OBJECT,
                    "rate limit \"{}\" already exists",
                    definition.id
                );
            }
            let same = (before.rules.iter())
                .find(|rule| rule.definition == *definition && rule.is_configured == is_configured);
            set.rules.push(match same {
                Some(rule) => rule.clone(),
                None => Arc::new(Rule::compile(definition.clone(), is_configured)?),
            });
        }
        for definition in quotas {
            if set
                .quotas
                .iter()
                .any(|quota| quota.definition.id == definition.id)
            {
                bail!(
                    sqlstate::DUPLICATE_OBJECT,
                    "quota \"{}\" already exists",
                    definition.id
                );
            }
            let same = (before.quotas.iter()).find(|quota| quota.definition == *definition);
            set.quotas.push(match same {
                Some(quota) => quota.clone(),
                None => Arc::new(Quota::compile(definition.clone())?),
            });
        }
        Ok(set)
    }
}
