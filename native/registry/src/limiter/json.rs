//! Rules and quotas as JSON: what the control plane sends and is told.

use common::{Error, Result, bail, err, sqlstate};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::limiter::{Limiter, LimiterStatistics};
use super::quota::QuotaDefinition;
use super::rule::RuleDefinition;

#[derive(Serialize)]
struct ShownRule<'a> {
    #[serde(flatten)]
    definition: &'a RuleDefinition,
    /// `configuration` or `rules`.
    source: &'static str,
}

#[derive(Serialize)]
struct Shown<'a> {
    version: u64,
    rules: Vec<ShownRule<'a>>,
    quotas: Vec<&'a QuotaDefinition>,
    statistics: LimiterStatistics,
}

/// 22023 names the field, and those that there are.
fn parse<T: DeserializeOwned>(what: &str, json: &str) -> Result<T> {
    serde_json::from_str(json)
        .map_err(|error| err!(sqlstate::INVALID_PARAMETER_VALUE, "{what}: {error}"))
}

impl Limiter {
    /// The rules and quotas in force, and the statistics.
    pub fn describe_json(&self) -> Result<String> {
        let version = self.version();
        let set = self.rules();
        let rules = set.rules.iter().map(|rule| ShownRule {
            definition: &rule.definition,
            source: rule.source(),
        });
        let shown = Shown {
            version,
            rules: rules.collect(),
            quotas: set.quotas.iter().map(|quota| &quota.definition).collect(),
            statistics: self.statistics(),
        };
        serde_json::to_string(&shown)
            .map_err(|error| Error::internal(format!("rules are no JSON: {error}")))
    }

    /// See [`Self::configure`]; `rules` is a list.
    pub fn configure_json(&self, rules: &str, clients_max: u64, is_on: bool) -> Result<()> {
        self.configure(parse("rate limits", rules)?, clients_max, is_on)
    }

    /// Makes (`create`), changes (`replace`) or drops (`drop`) a `rule` or a `quota`; `json` is it,
    /// or the id of what is dropped. Waits for the disk.
    pub fn change_json(&self, action: &str, json: &str) -> Result<()> {
        match action {
            "create rule" => self.create_rule(parse("rate limit", json)?),
            "replace rule" => self.replace_rule(parse("rate limit", json)?),
            "drop rule" => self.drop_rule(json),
            "create quota" => self.create_quota(parse("quota", json)?),
            "replace quota" => self.replace_quota(parse("quota", json)?),
            "drop quota" => self.drop_quota(json),
            other => bail!(
                sqlstate::INVALID_PARAMETER_VALUE,
                "the limiter cannot {other}"
            ),
        }
    }
}
