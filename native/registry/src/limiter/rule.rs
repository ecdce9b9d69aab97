//! A rule as it is written, and as it is used.

use std::net::IpAddr;

use common::rt::Mutex;
use common::{Result, bail, sqlstate};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::algorithm::{Algorithm, LIMIT_MAX, State, Terms, WINDOW_SECS_MAX};
use super::attributes::{Attribute, Attributes};
use super::pattern::Pattern;
use super::units::Cost;

pub const ID_BYTES_MAX: usize = 64;
const KEY_PARTS_MAX: usize = 8;

/// How much whom: `{id, key, algorithm, requests, windowSecs, burst?, cost?, match?}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleDefinition {
    pub id: String,
    /// Attributes, `+` between them: each combination has an allowance of its own.
    pub key: String,
    /// A name of [`Algorithm::ALL`].
    pub algorithm: String,
    /// Units a window.
    pub requests: u64,
    pub window_secs: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<u64>,
    /// A number of units each request, or what is measured: `rows`, `cpu_ms`, `bytes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Value>,
    /// Patterns by attribute: only what fits all of them is limited.
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    pub conditions: Option<serde_json::Map<String, Value>>,
}

/// Whom a rule or a quota is about.
#[derive(Debug)]
pub struct Scope {
    /// Distinguishes states of one rule from those of others, and of what it was before a change
    /// that gives them another meaning.
    pub fingerprint: String,
    key: Vec<Attribute>,
    conditions: Vec<(Attribute, Vec<Pattern>)>,
}

impl Scope {
    /// 22023 names place and allowed names.
    pub fn parse(
        fingerprint: String,
        key: &str,
        conditions: Option<&serde_json::Map<String, Value>>,
    ) -> Result<Self> {
        let parts: Vec<&str> = key.split('+').map(str::trim).collect();
        if parts.len() > KEY_PARTS_MAX {
            bail!(
                sqlstate::INVALID_PARAMETER_VALUE,
                "key: at most {KEY_PARTS_MAX} attributes"
            );
        }
        let key = (parts.into_iter())
            .map(|part| Attribute::parse(part, "key"))
            .collect::<Result<_>>()?;
        let conditions = (conditions.into_iter().flatten())
            .map(|(name, patterns)| {
                let place = format!("match.{name}");
                let attribute = Attribute::parse(name, &place)?;
                let patterns = Pattern::parse_all(patterns, &attribute, &place)?;
                Ok((attribute, patterns))
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            fingerprint,
            key,
            conditions,
        })
    }

    /// Whether it can be judged only once the client was authenticated.
    pub fn needs_principal(&self) -> bool {
        let conditions = self.conditions.iter().map(|(attribute, _)| attribute);
        (self.key.iter().chain(conditions)).any(Attribute::needs_principal)
    }

    /// What tells the client from others, or none where the scope is not about it.
    pub fn name_of(&self, attributes: &Attributes) -> Option<Vec<u8>> {
        let fits = |(attribute, patterns): &(Attribute, Vec<Pattern>)| {
            let text = attributes.text(attribute);
            let address: Option<IpAddr> = attributes.address;
            patterns.iter().any(|pattern| pattern.fits(&text, address))
        };
        if !self.conditions.iter().all(fits) {
            return None;
        }
        let mut name = Vec::with_capacity(64);
        let texts = self.key.iter().map(|attribute| attributes.text(attribute));
        for part in [self.fingerprint.clone()].into_iter().chain(texts) {
            name.extend_from_slice(&(part.len() as u32).to_le_bytes());
            name.extend_from_slice(part.as_bytes());
        }
        Some(name)
    }
}

/// A rule in use.
#[derive(Debug)]
pub struct Rule {
    pub definition: RuleDefinition,
    /// It follows from the configuration, and changes with it alone.
    pub is_configured: bool,
    pub scope: Scope,
    pub terms: Terms,
    pub cost: Cost,
    pub needs_principal: bool,
    /// What all those have together for whom the table has no room.
    pub overflow: Mutex<State>,
}

impl Rule {
    /// 22023 names the field and what is allowed.
    pub fn compile(definition: RuleDefinition, is_configured: bool) -> Result<Self> {
        check_id(&definition.id)?;
        let wanted = definition.algorithm.as_str();
        let found = Algorithm::ALL.iter().find(|(name, _)| *name == wanted);
        let Some((_, algorithm)) = found.copied() else {
            let names: Vec<&str> = Algorithm::ALL.iter().map(|(name, _)| *name).collect();
            bail!(
                sqlstate::INVALID_PARAMETER_VALUE,
                "algorithm: \"{wanted}\" is none of {}",
                names.join(", ")
            );
        };
        check_range("requests", definition.requests, LIMIT_MAX)?;
        check_range("windowSecs", definition.window_secs, WINDOW_SECS_MAX)?;
        if let Some(burst) = definition.burst {
            check_range("burst", burst, LIMIT_MAX)?;
            if !algorithm.is_bucket() {
                bail!(
                    sqlstate::INVALID_PARAMETER_VALUE,
                    "burst: only token_bucket, leaky_bucket and adaptive have one"
                );
            }
        }
        let RuleDefinition {
            id,
            key,
            window_secs,
            ..
        } = &definition;
        let fingerprint = format!("{id} {wanted} {window_secs} {key}");
        let scope = Scope::parse(fingerprint, key, definition.conditions.as_ref())?;
        Ok(Self {
            terms: Terms::new(
                algorithm,
                definition.requests,
                *window_secs,
                definition.burst,
            ),
            cost: Cost::parse(definition.cost.as_ref())?,
            needs_principal: scope.needs_principal(),
            scope,
            is_configured,
            overflow: Mutex::new(State::ZERO),
            definition,
        })
    }

    /// Where it was written: `configuration` or `rules`.
    pub fn source(&self) -> &'static str {
        if self.is_configured {
            "configuration"
        } else {
            "rules"
        }
    }
}

/// 22023 unless it is 1 to 64 letters, digits, `-`, `_`, `.`.
pub fn check_id(id: &str) -> Result<()> {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if id.is_empty() || id.len() > ID_BYTES_MAX || !id.bytes().all(is_good) {
        bail!(
            sqlstate::INVALID_PARAMETER_VALUE,
            "id: 1 to {ID_BYTES_MAX} letters, digits, \"-\", \"_\" and \".\""
        );
    }
    Ok(())
}

pub fn check_range(place: &str, value: u64, most: u64) -> Result<()> {
    if !(1..=most).contains(&value) {
        bail!(
            sqlstate::INVALID_PARAMETER_VALUE,
            "{place}: {value} is not within 1 and {most}"
        );
    }
    Ok(())
}
