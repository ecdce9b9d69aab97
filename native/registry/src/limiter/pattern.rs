//! What a condition of a rule compares an attribute with: a text in which `*` stands for any
//! characters, or a network.

use std::net::IpAddr;

use common::{Result, bail, sqlstate};
use serde_json::Value;

use super::attributes::Attribute;

const PATTERNS_MAX: usize = 64;
const PATTERN_BYTES_MAX: usize = 256;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// The parts between the stars.
    Text(Vec<String>),
    /// An address and how many of its bits count.
    Network(IpAddr, u32),
}

impl Pattern {
    /// A pattern, or a list of which one must fit. 22023 names the place.
    pub fn parse_all(value: &Value, attribute: &Attribute, place: &str) -> Result<Vec<Self>> {
        let single = std::slice::from_ref(value);
        let list = value.as_array().map_or(single, Vec::as_slice);
        if list.is_empty() || list.len() > PATTERNS_MAX {
            bail!(
                sqlstate::INVALID_PARAMETER_VALUE,
                "{place}: a pattern, or 1 to {PATTERNS_MAX} of them"
            );
        }
        (list.iter())
            .map(|value| match value.as_str() {
                Some(text) if text.len() <= PATTERN_BYTES_MAX => {
                    Self::parse(text, attribute, place)
                }
                _ => bail!(
                    sqlstate::INVALID_PARAMETER_VALUE,
                    "{place}: a pattern is a text of at most {PATTERN_BYTES_MAX} bytes"
                ),
            })
            .collect()
    }

    fn parse(text: &str, attribute: &Attribute, place: &str) -> Result<Self> {
        if !matches!(attribute, Attribute::Address(..)) {
            return Ok(Self::Text(text.split('*').map(str::to_owned).collect()));
        }
        let (address, bits) = text.split_once('/').unwrap_or((text, ""));
        let network = address.parse().ok().and_then(|address: IpAddr| {
            let all = if address.is_ipv4() { 32 } else { 128 };
            let bits = if bits.is_empty() {
                all
            } else {
                bits.parse().ok()?
            };
            (bits <= all).then_some(Self::Network(address, bits))
        });
        match network {
            Some(network) => Ok(network),
            None => bail!(
                sqlstate::INVALID_PARAMETER_VALUE,
                "{place}: \"{text}\" is no address, as 10.0.0.0/8 or 2001:db8::/32"
            ),
        }
    }

    pub fn fits(&self, text: &str, address: Option<IpAddr>) -> bool {
        match self {
            Self::Text(parts) => fits_parts(parts, text),
            Self::Network(network, bits) => match (network, address) {
                (IpAddr::V4(network), Some(IpAddr::V4(address))) => {
                    let differ = u32::from(*network) ^ u32::from(address);
                    differ.leading_zeros() >= *bits
                }
                (IpAddr::V6(network), Some(IpAddr::V6(address))) => {
                    let differ = u128::from(*network) ^ u128::from(address);
                    differ.leading_zeros() >= *bits
                }
                _ => false,
            },
        }
    }
}

/// The first part at the begin, the last at the end, those between in their order.
fn fits_parts(parts: &[String], text: &str) -> bool {
    let [first, between @ .., last] = parts else {
        return parts.first().is_some_and(|only| only == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else {
        return false;
    };
    for part in between {
        match rest.find(part.as_str()) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_characters() {
        let fits = |pattern: &str, text: &str| {
            let parsed = Pattern::parse(pattern, &Attribute::Route, "match.route");
            parsed.expect("any text is a pattern").fits(text, None)
        };
        assert!(fits("/tables/*", "/tables/t/rows"));
        assert!(fits("*rows*", "/tables/t/rows"));
        assert!(fits("/a*b*c", "/abbc"));
        assert!(!fits("/a*bc*c", "/abc"));
        assert!(fits("*", ""));
        assert!(!fits("/query", "/query/explain"));
        assert!(!fits("ab*ab", "ab"));
    }

    #[test]
    fn networks_have_bits() {
        let at = Attribute::Address(32, 64);
        let parse = |text: &str| Pattern::parse(text, &at, "match.address");
        let network = parse("10.0.0.0/8").expect("it is a network");
        assert!(network.fits("", "10.255.0.1".parse().ok()));
        assert!(!network.fits("", "11.0.0.1".parse().ok()));
        assert!(!network.fits("", None));
        for wrong in ["10.0.0.0/33", "ten", "10.0.0.0/x", "::1/129"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
