//! The settings that decide how values look as text, in parts.

use jiff::tz::{Offset, TimeZone};
use types::{DateFormat, DateOrder};

/// `DateStyle`, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct DateStyle {
    pub format: DateFormat,
    pub order: DateOrder,
}

/// Reads a `DateStyle`; what it leaves out comes from `base`. None when a word is unknown or two
/// contradict.
pub fn date_style(text: &str, base: DateStyle) -> Option<DateStyle> {
    let mut style = base;
    let (mut has_format, mut has_order) = (None, None);
    for word in text.split(',').map(|word| word.trim().to_ascii_lowercase()) {
        let format = match word.as_str() {
            "iso" => Some(DateFormat::Iso),
            "sql" => Some(DateFormat::Sql),
            "postgres" => Some(DateFormat::Postgres),
            "german" => Some(DateFormat::German),
            _ => None,
        };
        let order = match word.as_str() {
            "mdy" | "us" | "noneuro" | "noneuropean" => Some(DateOrder::Mdy),
            "dmy" | "euro" | "european" => Some(DateOrder::Dmy),
            "ymd" => Some(DateOrder::Ymd),
            _ => None,
        };
        match (format, order) {
            (Some(format), _) if has_format.is_none_or(|seen| seen == format) => {
                has_format = Some(format);
                style.format = format;
                // German dates are day first unless told otherwise.
                if format == DateFormat::German && has_order.is_none() {
                    style.order = DateOrder::Dmy;
                }
            }
            (_, Some(order)) if has_order.is_none_or(|seen| seen == order) => {
                has_order = Some(order);
                style.order = order;
            }
            _ if word == "default" => style = DateStyle::default(),
            _ => return None,
        }
    }
    Some(style)
}

/// As SHOW prints it.
pub fn show_date_style(style: DateStyle) -> String {
    let format = match style.format {
        DateFormat::Iso => "ISO",
        DateFormat::Sql => "SQL",
        DateFormat::Postgres => "Postgres",
        DateFormat::German => "German",
    };
    let order = match style.order {
        DateOrder::Mdy => "MDY",
        DateOrder::Dmy => "DMY",
        DateOrder::Ymd => "YMD",
    };
    format!("{format}, {order}")
}

/// A time zone by its name, or hours east of Greenwich as a number.
pub fn time_zone(text: &str) -> Option<TimeZone> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("local") || text.eq_ignore_ascii_case("default") {
        return Some(TimeZone::UTC);
    }
    if let Ok(hours) = text.parse::<f64>() {
        let seconds = (hours * 3600.0).round();
        return (seconds.abs() <= 15.0 * 3600.0 + 3599.0)
            .then(|| Offset::from_seconds(seconds as i32).ok())
            .flatten()
            .map(TimeZone::fixed);
    }
    TimeZone::get(text)
        .ok()
        .or_else(|| TimeZone::posix(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_styles_keep_what_they_leave_out() {
        let show = |text: &str| date_style(text, DateStyle::default()).map(show_date_style);
        assert_eq!(show("dmy").as_deref(), Some("ISO, DMY"));
        assert_eq!(show("SQL, European").as_deref(), Some("SQL, DMY"));
        assert_eq!(show("german").as_deref(), Some("German, DMY"));
        assert_eq!(show("iso, sql"), None);
        assert_eq!(show("lunar"), None);
    }

    #[test]
    fn time_zones_are_names_or_hours() {
        for good in ["UTC", "europe/paris", "+2", "-3.5", "EST5EDT"] {
            assert!(time_zone(good).is_some(), "{good}");
        }
        for bad in ["Atlantis/Capital", "99", ""] {
            assert!(time_zone(bad).is_none(), "{bad}");
        }
    }
}
