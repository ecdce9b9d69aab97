//! What is charged: requests, or what the engine has measured.

use common::{Result, bail, sqlstate};
use serde_json::Value;

use super::algorithm::COST_MAX;

/// What one request used, or is thought to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Rows read or written for the client.
    pub rows: u64,
    /// Milliseconds of processor time.
    pub cpu_ms: u64,
    /// Bytes sent.
    pub bytes: u64,
}

/// What a rule charges a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// So many units, before it runs.
    Fixed(u64),
    Rows,
    CpuMs,
    Bytes,
}

impl Cost {
    /// One unit where nothing is said. 22023 names what is allowed.
    pub fn parse(value: Option<&Value>) -> Result<Self> {
        let fixed = |number: u64| {
            (1..=COST_MAX)
                .contains(&number)
                .then_some(Self::Fixed(number))
        };
        let found = match value {
            None | Some(Value::Null) => Some(Self::Fixed(1)),
            Some(Value::Number(number)) => number.as_u64().and_then(fixed),
            Some(Value::String(unit)) => match unit.as_str() {
                "rows" => Some(Self::Rows),
                "cpu_ms" => Some(Self::CpuMs),
                "bytes" => Some(Self::Bytes),
                _ => None,
            },
            _ => None,
        };
        match found {
            Some(cost) => Ok(cost),
            None => bail!(
                sqlstate::INVALID_PARAMETER_VALUE,
                "cost: a number of units within 1 and {COST_MAX}, or one of rows, cpu_ms, bytes"
            ),
        }
    }

    /// Whether it is known only once the request has run.
    pub fn is_measured(self) -> bool {
        !matches!(self, Self::Fixed(_))
    }

    #[inline]
    pub fn of(self, usage: Usage) -> u64 {
        match self {
            Self::Fixed(units) => units,
            Self::Rows => usage.rows,
            Self::CpuMs => usage.cpu_ms,
            Self::Bytes => usage.bytes,
        }
    }
}
