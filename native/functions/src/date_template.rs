//! Templates of to_char, to_date and to_timestamp, cut into their parts.

/// How a name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    Upper,
    Lower,
    Title,
}

/// What a pattern stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Hour12,
    Hour24,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    /// The first so many digits of the second's fraction.
    Fraction(u32),
    SecondOfDay,
    Half {
        dotted: bool,
    },
    Era {
        dotted: bool,
    },
    /// The last so many digits of the year.
    Year(u32),
    YearComma,
    IsoYear(u32),
    MonthName,
    MonthShort,
    Month,
    MonthRoman,
    DayName,
    DayShort,
    DayOfYear,
    IsoDayOfYear,
    Day,
    DayOfWeek,
    IsoDayOfWeek,
    WeekOfMonth,
    WeekOfYear,
    IsoWeek,
    Quarter,
    Century,
    JulianDay,
    ZoneName,
    ZoneOffset,
    ZoneHour,
    ZoneMinute,
}

/// A pattern with its modifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub field: Field,
    pub case: Case,
    /// Filled up with zeroes or blanks: FM does not stand before.
    pub fill: bool,
    /// TH or th stands behind; true for the upper-case one.
    pub ordinal: Option<bool>,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Field(Item),
    /// Text in quotes, or a letter that is no pattern.
    Text(String),
    /// A character that separates.
    Blank(char),
}

use Case::{Lower, Title, Upper};

/// Longer patterns before those they start with.
#[rustfmt::skip]
const PATTERNS: &[(&str, Field, Case)] = &[
    ("A.D.", Field::Era { dotted: true }, Upper),
    ("A.M.", Field::Half { dotted: true }, Upper),
    ("AD", Field::Era { dotted: false }, Upper),
    ("AM", Field::Half { dotted: false }, Upper),
    ("B.C.", Field::Era { dotted: true }, Upper),
    ("BC", Field::Era { dotted: false }, Upper),
    ("CC", Field::Century, Upper),
    ("DAY", Field::DayName, Upper),
    ("DDD", Field::DayOfYear, Upper),
    ("DD", Field::Day, Upper),
    ("DY", Field::DayShort, Upper),
    ("Day", Field::DayName, Title),
    ("Dy", Field::DayShort, Title),
    ("D", Field::DayOfWeek, Upper),
    ("FF1", Field::Fraction(1), Upper),
    ("FF2", Field::Fraction(2), Upper),
    ("FF3", Field::Fraction(3), Upper),
    ("FF4", Field::Fraction(4), Upper),
    ("FF5", Field::Fraction(5), Upper),
    ("FF6", Field::Fraction(6), Upper),
    ("HH24", Field::Hour24, Upper),
    ("HH12", Field::Hour12, Upper),
    ("HH", Field::Hour12, Upper),
    ("IDDD", Field::IsoDayOfYear, Upper),
    ("ID", Field::IsoDayOfWeek, Upper),
    ("IW", Field::IsoWeek, Upper),
    ("IYYY", Field::IsoYear(4), Upper),
    ("IYY", Field::IsoYear(3), Upper),
    ("IY", Field::IsoYear(2), Upper),
    ("I", Field::IsoYear(1), Upper),
    ("J", Field::JulianDay, Upper),
    ("MI", Field::Minute, Upper),
    ("MM", Field::Month, Upper),
    ("MONTH", Field::MonthName, Upper),
    ("MON", Field::MonthShort, Upper),
    ("MS", Field::Millisecond, Upper),
    ("Month", Field::MonthName, Title),
    ("Mon", Field::MonthShort, Title),
    ("OF", Field::ZoneOffset, Upper),
    ("P.M.", Field::Half { dotted: true }, Upper),
    ("PM", Field::Half { dotted: false }, Upper),
    ("Q", Field::Quarter, Upper),
    ("RM", Field::MonthRoman, Upper),
    ("SSSSS", Field::SecondOfDay, Upper),
    ("SSSS", Field::SecondOfDay, Upper),
    ("SS", Field::Second, Upper),
    ("TZH", Field::ZoneHour, Upper),
    ("TZM", Field::ZoneMinute, Upper),
    ("TZ", Field::ZoneName, Upper),
    ("US", Field::Microsecond, Upper),
    ("WW", Field::WeekOfYear, Upper),
    ("W", Field::WeekOfMonth, Upper),
    ("Y,YYY", Field::YearComma, Upper),
    ("YYYY", Field::Year(4), Upper),
    ("YYY", Field::Year(3), Upper),
    ("YY", Field::Year(2), Upper),
    ("Y", Field::Year(1), Upper),
];

/// The pattern that the text starts with: as listed, or all in lower case.
fn pattern(text: &str) -> Option<(Field, Case, usize)> {
    let exact = PATTERNS.iter().find(|(name, ..)| text.starts_with(name));
    if let Some(&(name, field, case)) = exact {
        return Some((field, case, name.len()));
    }
    let lower = |name: &str| {
        text.get(..name.len())
            .is_some_and(|start| start == name.to_ascii_lowercase())
    };
    PATTERNS
        .iter()
        .find(|(name, _, case)| *case == Upper && lower(name))
        .map(|&(name, field, _)| (field, Lower, name.len()))
}

/// Cuts a template into parts.
pub fn parse_template(template: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some(c) = rest.chars().next() {
        let mut fill = true;
        let mut after_prefix = rest;
        loop {
            let prefix = after_prefix.get(..2).unwrap_or("");
            if prefix.eq_ignore_ascii_case("FM") {
                fill = false;
            } else if !prefix.eq_ignore_ascii_case("FX") && !prefix.eq_ignore_ascii_case("TM") {
                break;
            }
            after_prefix = &after_prefix[2..];
        }
        if let Some((field, case, size)) = pattern(after_prefix) {
            rest = &after_prefix[size..];
            let mut ordinal = None;
            if let Some(suffix) = rest.get(..2)
                && suffix.eq_ignore_ascii_case("TH")
            {
                ordinal = Some(suffix == "TH");
                rest = &rest[2..];
            }
            if rest
                .get(..2)
                .is_some_and(|suffix| suffix.eq_ignore_ascii_case("SP"))
            {
                rest = &rest[2..];
            }
            parts.push(Part::Field(Item {
                field,
                case,
                fill,
                ordinal,
            }));
            continue;
        }
        // A prefix on its own says nothing more.
        if after_prefix.len() < rest.len() {
            rest = after_prefix;
            continue;
        }
        rest = &rest[c.len_utf8()..];
        if c == '"' {
            let (text, after) = quoted(rest);
            parts.push(Part::Text(text));
            rest = after;
        } else if c == '\\' && rest.starts_with('"') {
            parts.push(Part::Text("\"".into()));
            rest = &rest[1..];
        } else if c.is_ascii_punctuation() || c.is_ascii_whitespace() {
            parts.push(Part::Blank(c));
        } else {
            parts.push(Part::Text(c.into()));
        }
    }
    parts
}

/// Text up to a closing quote, and what follows it.
fn quoted(text: &str) -> (String, &str) {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    (out, chars.as_str())
}
