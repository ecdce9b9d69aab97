//! What is known of whom a rule may be about: one request's client, or one connection's.

use std::net::IpAddr;

use common::{Result, bail, sqlstate};

/// What keys and conditions of rules may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// Who the client has proved to be; before that, or without a proof, its address.
    Client,
    User,
    ApiKey,
    /// With the bits of IPv4 and IPv6 addresses that count.
    Address(u8, u8),
    Route,
    Method,
    Protocol,
    Tenant,
    Database,
    Application,
    /// Of a token.
    Claim(String),
    /// The same for all.
    Global,
}

const NAMES: [(&str, Attribute); 11] = [
    ("client", Attribute::Client),
    ("user", Attribute::User),
    ("api_key", Attribute::ApiKey),
    ("address", Attribute::Address(32, 64)),
    ("route", Attribute::Route),
    ("method", Attribute::Method),
    ("protocol", Attribute::Protocol),
    ("tenant", Attribute::Tenant),
    ("database", Attribute::Database),
    ("application", Attribute::Application),
    ("global", Attribute::Global),
];

/// As errors name them.
const ALLOWED: &str = "client, user, api_key, address, address/24, address/24/56, route, method, \
                       protocol, tenant, database, application, claim.NAME, global";
const CLAIM_BYTES_MAX: usize = 64;

impl Attribute {
    /// Reads one name; `place` says where it stands. 22023 names what is allowed.
    pub fn parse(text: &str, place: &str) -> Result<Self> {
        let found = NAMES.iter().find(|(name, _)| *name == text);
        if let Some((_, attribute)) = found {
            return Ok(attribute.clone());
        }
        if let Some(claim) = text.strip_prefix("claim.")
            && (1..=CLAIM_BYTES_MAX).contains(&claim.len())
        {
            return Ok(Self::Claim(claim.to_owned()));
        }
        if let Some(bits) = text.strip_prefix("address/")
            && let Some(address) = Self::of_bits(bits)
        {
            return Ok(address);
        }
        bail!(
            sqlstate::INVALID_PARAMETER_VALUE,
            "{place}: \"{text}\" is none of {ALLOWED}"
        )
    }

    fn of_bits(text: &str) -> Option<Self> {
        let (v4, v6) = text.split_once('/').unwrap_or((text, "64"));
        let (v4, v6) = (v4.parse().ok()?, v6.parse().ok()?);
        (v4 <= 32 && v6 <= 128).then_some(Self::Address(v4, v6))
    }

    /// Whether it is known only once the client was authenticated.
    pub fn needs_principal(&self) -> bool {
        match self {
            Self::Client | Self::User | Self::ApiKey | Self::Tenant | Self::Claim(_) => true,
            Self::Address(..)
            | Self::Route
            | Self::Method
            | Self::Protocol
            | Self::Database
            | Self::Application
            | Self::Global => false,
        }
    }
}

/// The attributes of a client. What is absent counts as empty: nobody slips past a rule by leaving
/// something out.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    pub user: String,
    /// The user was proved, not trusted.
    pub is_proved: bool,
    pub api_key: String,
    /// None of local sockets.
    pub address: Option<IpAddr>,
    pub route: String,
    pub method: String,
    pub protocol: String,
    pub tenant: String,
    pub database: String,
    pub application: String,
    pub claims: Vec<(String, String)>,
}

impl Attributes {
    /// Of a connection of the PostgreSQL protocol whose user is trusted: its address, with or without a port,
    /// then user, database and application.
    pub fn of_connection(address: &str, [user, database, application]: [&str; 3]) -> Self {
        Self {
            user: user.to_owned(),
            address: address_of(address),
            protocol: "postgresql".to_owned(),
            database: database.to_owned(),
            application: application.to_owned(),
            ..Self::default()
        }
    }

    /// From names and values in turn, names as in rules beside `proved`, which says `true` where the
    /// user was proved; an `address` may have a port. 22023 for other names.
    pub fn of(pairs: &[String]) -> Result<Self> {
        let mut all = Self::default();
        for pair in pairs.as_chunks::<2>().0 {
            let [name, value] = pair;
            let value = value.clone();
            match name.as_str() {
                "user" => all.user = value,
                "proved" => all.is_proved = value == "true",
                "api_key" => all.api_key = value,
                "address" => all.address = address_of(&value),
                "route" => all.route = value,
                "method" => all.method = value,
                "protocol" => all.protocol = value,
                "tenant" => all.tenant = value,
                "database" => all.database = value,
                "application" => all.application = value,
                other => match Attribute::parse(other, "a client's attribute")? {
                    Attribute::Claim(claim) => all.claims.push((claim, value)),
                    _ => bail!(
                        sqlstate::INVALID_PARAMETER_VALUE,
                        "a client's attribute: \"{other}\" cannot be given"
                    ),
                },
            }
        }
        Ok(all)
    }

    /// The text of an attribute; addresses are cut to the bits that count.
    pub fn text(&self, attribute: &Attribute) -> String {
        match attribute {
            Attribute::Client if self.is_proved => format!("user {}", self.user),
            Attribute::Client => format!("address {}", self.address_text(32, 64)),
            Attribute::User => self.user.clone(),
            Attribute::ApiKey => self.api_key.clone(),
            Attribute::Address(v4, v6) => self.address_text(*v4, *v6),
            Attribute::Route => self.route.clone(),
            Attribute::Method => self.method.clone(),
            Attribute::Protocol => self.protocol.clone(),
            Attribute::Tenant => self.tenant.clone(),
            Attribute::Database => self.database.clone(),
            Attribute::Application => self.application.clone(),
            Attribute::Claim(name) => {
                let found = self.claims.iter().find(|(claim, _)| claim == name);
                found.map(|(_, value)| value.clone()).unwrap_or_default()
            }
            Attribute::Global => String::new(),
        }
    }

    fn address_text(&self, v4: u8, v6: u8) -> String {
        match self.address {
            None => "local".to_owned(),
            Some(IpAddr::V4(address)) => {
                let bits = u32::from(address) & upper_bits(u128::from(v4), 32) as u32;
                std::net::Ipv4Addr::from(bits).to_string()
            }
            Some(IpAddr::V6(address)) => {
                let bits = u128::from(address) & upper_bits(u128::from(v6), 128);
                std::net::Ipv6Addr::from(bits).to_string()
            }
        }
    }
}

/// `count` ones and zeros behind them, `of` bits in all.
fn upper_bits(count: u128, of: u32) -> u128 {
    let all = u128::MAX >> (128 - of);
    match count {
        0 => 0,
        count => all << (of - count as u32) & all,
    }
}

/// `127.0.0.1:4711`, `::1`, `[::1]:4711`, `::1:4711` as Node writes it; none for other texts.
fn address_of(text: &str) -> Option<IpAddr> {
    let unmapped = |address: IpAddr| match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    };
    let bare = text.trim_start_matches('[').replace(']', "");
    let without_port = text
        .rsplit_once(':')
        .map(|(host, _)| host.trim_matches(['[', ']']));
    let has_port = text.starts_with('[') || text.matches(':').count() == 1;
    let parsed = match (has_port, without_port) {
        (true, Some(host)) => host.parse(),
        _ => bare.parse(),
    };
    parsed.ok().map(unmapped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Attributes {
        let pairs = ["address", address].map(str::to_owned);
        Attributes::of(&pairs).expect("it is an address")
    }

    #[test]
    fn addresses_are_cut_to_the_bits_that_count() {
        let text = |address: &str, attribute: &str| {
            let attribute = Attribute::parse(attribute, "key").expect("it is an attribute");
            at(address).text(&attribute)
        };
        assert_eq!(text("10.1.2.3:4711", "address"), "10.1.2.3");
        assert_eq!(text("::ffff:10.1.2.3", "address/24"), "10.1.2.0");
        assert_eq!(text("2001:db8:1:2:3:4:5:6", "address"), "2001:db8:1:2::");
        assert_eq!(
            text("[2001:db8:1:2:3:4:5:6]:80", "address/0/32"),
            "2001:db8::"
        );
        assert_eq!(text("unix", "address"), "local");
        assert_eq!(text("10.1.2.3", "address/0"), "0.0.0.0");
    }

    #[test]
    fn a_wrong_name_is_told_what_there_is() {
        for wrong in ["adress", "address/33", "claim.", ""] {
            let error = Attribute::parse(wrong, "key").expect_err("there is no such name");
            assert!(error.to_string().contains("claim.NAME"), "{error}");
        }
    }
}
